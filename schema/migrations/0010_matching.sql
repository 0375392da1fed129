-- What a finding is recognised by besides its identity, and what tells that a scanner itself has changed.

ALTER TABLE finding ADD COLUMN coarse TEXT NOT NULL DEFAULT '';  -- the identity without its running number
ALTER TABLE finding ADD COLUMN strong TEXT;                      -- digest of rule, path and the tool's own fingerprint
ALTER TABLE finding ADD COLUMN context TEXT;                     -- digest of rule, path and the code pointed to
ALTER TABLE finding ADD COLUMN cvss REAL;
ALTER TABLE finding ADD COLUMN epss REAL;                        -- probability, 0 to 1
UPDATE finding SET coarse = CASE WHEN instr(identity, '-') > 0 THEN substr(identity, 1, instr(identity, '-') - 1) ELSE identity END;

ALTER TABLE scan ADD COLUMN rules TEXT;                          -- digest of the ids of all rules, where the report lists them whole
