/* AWS's shared files, ~/.aws/credentials and ~/.aws/config: what stands in which section.
 *
 * The syntax is that of AWS's own tools: "[name]" in the credentials file, "[default]" and
 * "[profile name]" in the other, "key = value", comments, lines that go on, settings inside of
 * settings. A line that is none of these is passed over: one bad profile must not hide the others.
 */
#ifndef COLLECT_AWS_PROFILES_H
#define COLLECT_AWS_PROFILES_H

#include "base/arena.h"
#include "base/err.h"

enum aws_file { AWS_FILE_CREDENTIALS, AWS_FILE_CONFIG };

struct aws_setting {
	enum aws_file file;
	const char *kind; /* "profile", "services", "sso-session", … */
	const char *name; /* of the section */
	const char *key; /* lower case; inside of another: "ecr.endpoint_url"; NULL: the section's
			    own line */
	const char *value;
};

struct aws_profiles {
	VEC(struct aws_setting) list; /* ready when zeroed */
	const char *files[2]; /* by enum aws_file: the paths, for messages */
	const char *trouble; /* a file that is there and could not be read, or NULL */
};

/* Adds one file's text to the list; a setting that comes again takes the place of the first. */
void aws_profiles_parse(struct aws_profiles *p, enum aws_file file, const char *text,
			struct arena *a);
/* Both files: those of AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else ~/.aws. A file that is
 * not there is empty. */
void aws_profiles_load(struct aws_profiles *p, struct arena *a);

bool aws_profiles_have(const struct aws_profiles *p, const char *profile);
/* A profile's setting; the credentials file goes before the other. NULL when absent or empty. */
const char *aws_profiles_get(const struct aws_profiles *p, const char *profile, const char *key);
/* The same from one file only, or of another kind of section. */
const char *aws_profiles_in(const struct aws_profiles *p, enum aws_file file, const char *kind,
			    const char *name, const char *key);

#endif
