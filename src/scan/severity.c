#include "scan/scan.h"

#include "base/text.h"

#include <strings.h>

bool scan_severity_word(const char *word, enum severity *out)
{
	static const struct {
		const char *word;
		enum severity severity;
	} words[] = {
		{"critical", SEV_CRITICAL}, {"blocker", SEV_CRITICAL}, {"severe", SEV_CRITICAL},
		{"high", SEV_HIGH},	    {"important", SEV_HIGH},   {"error", SEV_HIGH},
		{"medium", SEV_MEDIUM},	    {"moderate", SEV_MEDIUM},  {"warning", SEV_MEDIUM},
		{"warn", SEV_MEDIUM},	    {"low", SEV_LOW},	       {"minor", SEV_LOW},
		{"note", SEV_LOW},	    {"info", SEV_INFO},	       {"informational", SEV_INFO},
		{"information", SEV_INFO},  {"none", SEV_INFO},	       {"negligible", SEV_INFO},
		{"unknown", SEV_INFO},	    {"undefined", SEV_INFO},   {"untriaged", SEV_INFO},
		{"unassigned", SEV_INFO},   {"style", SEV_INFO},       {"inventory", SEV_INFO},
		{"experiment", SEV_INFO},
	};
	if (!word)
		return false;
	static const char blanks[] = " \t\r\n";
	word += strspn(word, blanks);
	size_t n = strlen(word);
	while (n && strchr(blanks, word[n - 1]))
		n--;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i].word) == n && !strncasecmp(word, words[i].word, n)) {
			*out = words[i].severity;
			return true;
		}
	}
	return false;
}

bool scan_severity_score(double score, enum severity *out)
{
	if (!(score > 0 && score <= 10)) /* 0 means "none given", and NaN compares false */
		return false;
	*out = score >= 9   ? SEV_CRITICAL
	       : score >= 7 ? SEV_HIGH
	       : score >= 4 ? SEV_MEDIUM
			    : SEV_LOW;
	return true;
}
