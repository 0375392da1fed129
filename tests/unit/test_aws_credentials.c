#include "support/collecting.h"
#include "support/sigv4.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/sb.h"
#include "collect/aws.h"

#include <unistd.h>

static struct collecting b;
static const char *dir;

static const char *const variables[] = {
	"AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN",
	"AWS_PROFILE",
	"AWS_ROLE_ARN",
	"AWS_ROLE_SESSION_NAME",
	"AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"AWS_EC2_METADATA_SERVICE_ENDPOINT",
	"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
	"AWS_EC2_METADATA_DISABLED",
	"AWS_ENDPOINT_URL",
	"AWS_ENDPOINT_URL_STS",
	"AWS_ENDPOINT_URL_ECR",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
};

static const char *write_file(const char *name, const char *text)
{
	struct err e = {0};
	const char *path = path_join(&b.a, dir, name);
	assert_ok(file_write(path, text, strlen(text), 0600, &e), e);
	return path;
}

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	static char once[200];
	if (!*once)
		snprintf(once, sizeof once, "%s", test_dir(&b.a));
	dir = once;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", write_file("credentials", ""), 1);
	setenv("AWS_CONFIG_FILE", write_file("config", ""), 1);
	struct aws_source s = {.name = "aws-production",
			       .environment = "production",
			       .region = "eu-west-2",
			       .endpoint = b.url,
			       .collect = strv_of(&b.a, "codedeploy")};
	vec_push(&b.a, &b.cfg.aws, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

/* --- the shared files --- */

static struct aws_profiles parsed(enum aws_file file, const char *text)
{
	struct aws_profiles p = {.files = {"credentials", "config"}};
	aws_profiles_parse(&p, file, text, &b.a);
	return p;
}

/* Every setting, in order: "profile foo.name=value". */
static const char *picture(const struct aws_profiles *p)
{
	struct sb out;
	sb_init(&out, &b.a, 100000);
	for (size_t i = 0; i < p->list.n; i++) {
		const struct aws_setting *s = &p->list.v[i];
		if (s->key)
			sb_addf(&out, "%s %s.%s=%s|", s->kind, s->name, s->key, s->value);
		else
			sb_addf(&out, "%s %s|", s->kind, s->name);
	}
	return sb_str(&out);
}

static void settings_are_read_as_amazons_own_tools_read_them(void **state UNUSED)
{
	static const struct {
		const char *name, *config, *credentials; /* NULL: nothing at all */
	} cases[] = {
		{"adjacent_comment", "profile foo|profile bar|", ""},
		{"blank_lines", "profile foo|profile foo.name=value|profile bar|", ""},
		{"continuation_reseton_new_profile", "profile foo|profile foo.name=value|", ""},
		{"continued_property", "", "profile bar|profile bar.name=value\n-continued|"},
		{"continued_property_trim", "", "profile foo|profile foo.name=value\n-continued|"},
		{"multiline_continued_property", "",
		 "profile baz|profile baz.name=value\n-continued\n-and-continued|"},
		{"duplicate_profiles", "",
		 "profile foo|profile foo.name=value|profile foo.name2=value2|"},
		{"duplicate_properties", "",
		 "profile foo|profile foo.name=value2|profile foo.name2=value|"},
		{"early_property", "profile default|profile default.good=value|",
		 "profile default|profile default.good=value|"},
		{"empty_comment", "profile foo|profile foo.name=value|", ""},
		{"empty_profile", "profile foo|", ""},
		{"empty_profile_whitespace", "profile foo|", ""},
		{"empty_property", "profile foobar|profile foobar.name=|", ""},
		{"empty_sub_property",
		 "profile default|profile default.s3=|profile default.s3.name=|",
		 "profile default|profile default.s3=|profile default.s3.name=|"},
		{"equal_containing_property", "profile foo|profile foo.name=val=ue|", ""},
		{"illegal_continuation1", "profile default|profile default.s3=|",
		 "profile default|profile default.s3=|"},
		{"illegal_continuation2", "profile default|profile default.s3=|",
		 "profile default|profile default.s3=|"},
		{"illegal_continuation3", "profile default|profile default.s3=|",
		 "profile default|profile default.s3=|"},
		{"missing_assignment", "profile default|", "profile default|"},
		{"missing_bracket", "", ""},
		{"missing_property_key", "profile default|", "profile default|"},
		{"mixed_comment", "profile foo|profile foo.name=value|", ""},
		{"multi_sub_property",
		 "profile default|profile default.s3=|profile default.s3.name=value|"
		 "profile default.s3.name2=value2|",
		 ""},
		{"multiple_empty_profile", "profile bar|profile foo|profile baz|", ""},
		{"multiple_profile",
		 "profile foo|profile foo.name=value|profile bar|profile bar.name2=value2|", ""},
		{"multiple_property",
		 "profile foo|profile foo.name=value|profile foo.name2=value2|", ""},
		{"pound_comment", "profile foo|profile foo.name=value|", ""},
		{"semicolon_comment", "profile foo|profile foo.name=value|", ""},
		{"simple_property", "profile foo|profile foo.name=value|", ""},
		{"sub_property", "profile foo|profile foo.s3=|profile foo.s3.name=value|", ""},
		{"tab_empty_profile", "profile foo|", ""},
		{"trimmable_property", "profile foo|profile foo.name=value|", ""},
		{"value_adjacent_comment", "",
		 "profile foo|profile foo.name=value; Adjacent semicolons|"
		 "profile foo.name2=value# Adjacent pound signs|"},
		{"11cd8328d88b2c5080756a1090abceaf087d8b18", "", ""},
		{"2a09998d72f4dc2dfb21a20d285a9dab2efc5f0b", "", ""},
		{"84a516841ba77a5b4648de2cd0dfcb30ea46dbb4", "", ""},
		{"a5d8336f1bc6fbc70180b2926691f89300355aa2", "", ""},
		{"e700967c6b4f6efa44f1e1573e2ae868623800ec", "", ""},
	};
	NEED_FIXTURES();
	static const char *const kinds[] = {"credentials", "config"};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int f = AWS_FILE_CREDENTIALS; f <= AWS_FILE_CONFIG; f++) {
			size_t len;
			const char *text = test_read(
				&b.a,
				fixture_path(
					&b.a,
					arena_printf(&b.a,
						     "aws/credentials/fuzz/parse_%s_profile-%s",
						     kinds[f], cases[i].name)),
				&len);
			struct aws_profiles p = parsed((enum aws_file)f, text);
			const char *want =
				f == AWS_FILE_CONFIG ? cases[i].config : cases[i].credentials;
			if (strcmp(picture(&p), want) != 0)
				fail_msg("%s of %s: \"%s\" instead of \"%s\"", kinds[f],
					 cases[i].name, picture(&p), want);
		}
	}
}

static struct aws_profiles fixture(enum aws_file file, const char *name)
{
	size_t len;
	return parsed(file,
		      test_read(&b.a,
				fixture_path(&b.a, arena_printf(&b.a, "aws/credentials/%s", name)),
				&len));
}

static void files_of_botocore_give_the_same_profiles(void **state UNUSED)
{
	NEED_FIXTURES();
	struct aws_profiles p = fixture(AWS_FILE_CONFIG, "botocore-aws_config");
	assert_string_equal(aws_profiles_get(&p, "default", "aws_secret_access_key"), "bar");
	assert_string_equal(aws_profiles_get(&p, "personal", "aws_security_token"), "fiebaz");
	p = fixture(AWS_FILE_CONFIG, "botocore-aws_bad_profile");
	assert_true(aws_profiles_have(&p, "my profile") && aws_profiles_have(&p, "personal1"));
	assert_false(aws_profiles_have(&p, "personal"));
	assert_string_equal(aws_profiles_get(&p, "personal1", "aws_access_key_id"),
			    "access_personal1");
	p = fixture(AWS_FILE_CONFIG, "botocore-aws_config_nested");
	assert_string_equal(aws_profiles_get(&p, "default", "s3.addressing_style"), "path");
	assert_string_equal(aws_profiles_get(&p, "default", "region"), "us-west-2");
	p = fixture(AWS_FILE_CONFIG, "botocore-aws_config_nested_bad");
	assert_string_equal(aws_profiles_get(&p, "default", "region"), "us-west-2");
	p = fixture(AWS_FILE_CONFIG, "botocore-aws_config_bad");
	assert_false(aws_profiles_have(&p, "default"));
	assert_string_equal(aws_profiles_get(&p, "personal", "aws_access_key_id"), "fie");
	p = fixture(AWS_FILE_CONFIG, "botocore-aws_services_config");
	assert_string_equal(
		aws_profiles_in(&p, AWS_FILE_CONFIG, "services", "my-services", "s3.endpoint_url"),
		"https://localhost:5678/");
	p = fixture(AWS_FILE_CONFIG, "config-sample.ini");
	assert_string_equal(aws_profiles_get(&p, "digest", "external_id"), "ext 1");
	assert_string_equal(aws_profiles_get(&p, "nested", "region"), "us-east-1");
	p = fixture(AWS_FILE_CREDENTIALS, "credentials-sample.ini");
	assert_string_equal(aws_profiles_get(&p, "base", "aws_secret_access_key"),
			    "base/secret+with=chars");
	p = fixture(AWS_FILE_CREDENTIALS, "botocore-aws_credentials");
	assert_int_equal(p.list.n, 0);
}

static void the_credentials_file_and_the_profile_default_go_first(void **state UNUSED)
{
	struct aws_profiles p = parsed(AWS_FILE_CONFIG, "[default]\r\nregion=a\r\nOutput = json\r\n"
							"[profile default]\r\nregion = b\r\n"
							"[foo]\nregion = c\n");
	aws_profiles_parse(&p, AWS_FILE_CREDENTIALS, "\xef\xbb\xbf[default]\nRegion = d", &b.a);
	assert_string_equal(aws_profiles_get(&p, "default", "region"), "d");
	assert_string_equal(aws_profiles_in(&p, AWS_FILE_CONFIG, "profile", "default", "region"),
			    "b");
	assert_null(aws_profiles_get(&p, "default", "output"));
	assert_false(aws_profiles_have(&p, "foo"));
}

/* --- the plan --- */

static struct aws_plan plan;
static const char *why;

static bool make(const char *credentials, const char *config)
{
	struct aws_profiles p = {.files = {"CREDENTIALS", "CONFIG"}};
	aws_profiles_parse(&p, AWS_FILE_CREDENTIALS, credentials, &b.a);
	aws_profiles_parse(&p, AWS_FILE_CONFIG, config, &b.a);
	plan = (struct aws_plan){0};
	why = NULL;
	return aws_plan_make(&b.cfg.aws.v[0], &p, &b.a, &plan, &why);
}

static void assert_why(const char *text)
{
	if (!why || !strstr(why, text))
		fail_msg("\"%s\" is not in \"%s\"", text, why ? why : "(none)");
}

#define KEYS(x) "aws_access_key_id = " x "\naws_secret_access_key = " x "-secret\n"
#define ROLE	"arn:aws:iam::111122223333:role/"

static void the_order_is_that_of_amazons_tools(void **state UNUSED)
{
	static const char credentials[] = "[default]\n" KEYS("D") "[other]\n" KEYS("O");
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/c", 1);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/token", 1);
	setenv("AWS_ROLE_ARN", ROLE "web", 1);
	setenv("AWS_ACCESS_KEY_ID", "E", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "E-secret", 1);
	setenv("AWS_SESSION_TOKEN", "E-session", 1);
	assert_true(make(credentials, ""));
	assert_true(plan.base == AWS_BASE_KEYS && !strcmp(plan.keys.id, "E"));
	assert_string_equal(plan.keys.session, "E-session");

	b.cfg.aws.v[0].profile = "other"; /* of sitrep.yaml: before the environment */
	assert_true(make(credentials, ""));
	assert_true(plan.base == AWS_BASE_KEYS && !strcmp(plan.keys.id, "O"));
	assert_null(plan.keys.session);
	b.cfg.aws.v[0].profile = NULL;

	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	assert_true(make(credentials, "[default]\nrole_arn = " ROLE "r\nsource_profile=other\n"));
	assert_true(plan.base == AWS_BASE_KEYS && !strcmp(plan.keys.id, "O"));
	assert_int_equal(plan.roles.n, 1);

	assert_true(make(credentials, ""));
	assert_int_equal(plan.base, AWS_BASE_WEB_IDENTITY);
	assert_string_equal(plan.web.arn, ROLE "web");
	unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE");

	setenv("AWS_PROFILE", "other", 1);
	assert_true(make(credentials, ""));
	assert_string_equal(plan.keys.id, "O");
	unsetenv("AWS_PROFILE");
	assert_true(make(credentials, ""));
	assert_string_equal(plan.keys.id, "D");
	assert_true(make("", "[default]\n" KEYS("C")));
	assert_string_equal(plan.keys.id, "C");

	assert_true(make("", ""));
	assert_int_equal(plan.base, AWS_BASE_CONTAINER);
	assert_string_equal(plan.url, "http://127.0.0.1/c");
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1", 1);
	assert_true(make("", ""));
	assert_string_equal(plan.url, "http://169.254.170.2/v2/credentials/1");
	unsetenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");

	unsetenv("AWS_EC2_METADATA_DISABLED");
	assert_true(make("", ""));
	assert_int_equal(plan.base, AWS_BASE_METADATA);
	assert_string_equal(plan.url, "http://169.254.169.254");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", 1);
	assert_true(make("", ""));
	assert_string_equal(plan.url, "http://[fd00:ec2::254]");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/", 1);
	assert_true(make("", ""));
	assert_string_equal(plan.url, "http://127.0.0.1:1338");
}

static void without_any_every_place_says_what_it_lacks(void **state UNUSED)
{
	assert_false(make("", ""));
	assert_string_equal(
		why,
		"no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; web identity: "
		"AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile: there is no \"default\" in "
		"CREDENTIALS or CONFIG; container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
		"…_FULL_URI are not set; instance metadata: AWS_EC2_METADATA_DISABLED is true; "
		"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile");
}

static void what_is_half_there_ends_the_search(void **state UNUSED)
{
	static const struct {
		const char *config, *why;
	} cases[] = {
		{"[default]\naws_access_key_id = A\n", "profile \"default\" in CONFIG has no "
						       "aws_secret_access_key"},
		{"[default]\naws_secret_access_key = s3cret\n", "has no aws_access_key_id"},
		{"[default]\nrole_arn = " ROLE "x\n", "neither source_profile nor "
						      "credential_source"},
		{"[default]\nrole_arn = " ROLE
		 "x\nsource_profile = y\ncredential_source = Environment\n",
		 "remove one"},
		{"[default]\nrole_arn = " ROLE "x\nsource_profile = nowhere\n",
		 "there is no profile \"nowhere\" in CREDENTIALS or CONFIG"},
		{"[default]\nrole_arn = " ROLE "x\nsource_profile = y\n[profile y]\nregion = z\n",
		 "profile \"y\", the source_profile of \"default\", has no keys"},
		{"[default]\nrole_arn = " ROLE
		 "x\nsource_profile = y\n[profile y]\nrole_arn = " ROLE
		 "z\nsource_profile = default\n",
		 "leads back to itself"},
		{"[default]\nrole_arn = " ROLE "x\nsource_profile = default\n",
		 "the source_profile of \"default\", has no keys"},
		{"[default]\nrole_arn = " ROLE
		 "x\nsource_profile = y\nmfa_serial = m\n[profile y]\n" KEYS("K"),
		 "wants a code (mfa_serial)"},
		{"[default]\nrole_arn = " ROLE "x\ncredential_source = Ec2InstanceMetadata\n",
		 "AWS_EC2_METADATA_DISABLED is true"},
		{"[default]\nrole_arn = " ROLE "x\ncredential_source = EcsContainer\n",
		 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set"},
		{"[default]\nrole_arn = " ROLE "x\ncredential_source = Environment\n",
		 "AWS_ACCESS_KEY_ID is not set"},
		{"[default]\nrole_arn = " ROLE "x\ncredential_source = Ec2\n",
		 "credential_source \"Ec2\" of profile \"default\" is unknown; allowed: "},
		{"[default]\nweb_identity_token_file = /t\n", "and no role_arn"},
		{"[default]\nsso_session = s\n", "signs in by SSO (sso_session), which is not "
						 "supported: run `aws configure "
						 "export-credentials"},
		{"[default]\nsso_account_id = 1\n", "signs in by SSO"},
		{"[default]\nlogin_session = 1\n", "signs in by a browser"},
		{"[default]\ncredential_process = /opt/x --json\n", "runs a program for its keys"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(make("", cases[i].config));
		assert_why(cases[i].why);
		assert_null(strstr(why, "s3cret"));
	}
	setenv("AWS_PROFILE", "prod", 1);
	assert_false(make("", ""));
	assert_why("there is no profile \"prod\"");
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/t", 1);
	assert_false(make("", ""));
	assert_why("AWS_ROLE_ARN is not: set it");
	setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);
	assert_false(make("", ""));
	assert_why("AWS_ACCESS_KEY_ID is not set: set it beside AWS_SECRET_ACCESS_KEY");
}

static void roles_stand_on_each_other(void **state UNUSED)
{
	static const char config[] =
		"[profile a]\nrole_arn = " ROLE
		"a\nsource_profile = b\nexternal_id = ext 1\nduration_seconds = 7200\n"
		"[profile b]\nrole_arn = " ROLE
		"b\nsource_profile = base\nrole_session_name = me\nduration_seconds = 7200\n";
	b.cfg.aws.v[0].profile = "a";
	b.cfg.aws.v[0].role_arn = ROLE "own";
	b.cfg.aws.v[0].external_id = "mine";
	assert_true(make("[base]\n" KEYS("K") "aws_session_token = tok\n", config));
	assert_string_equal(plan.keys.session, "tok");
	assert_int_equal(plan.roles.n, 3);
	assert_string_equal(plan.roles.v[0].arn, ROLE "b");
	assert_string_equal(plan.roles.v[0].session_name, "me");
	assert_int_equal(plan.roles.v[0].duration_s, 7200);
	assert_null(plan.roles.v[0].external_id);
	assert_string_equal(plan.roles.v[1].external_id, "ext 1");
	assert_int_equal(plan.roles.v[1].duration_s, 3600); /* a chained role's most */
	assert_string_equal(plan.roles.v[2].arn, ROLE "own");
	assert_string_equal(plan.roles.v[2].external_id, "mine");
	/* its own keys may be those that assume the role */
	b.cfg.aws.v[0].role_arn = NULL;
	assert_true(
		make("[a]\n" KEYS("S"), "[profile a]\nrole_arn = " ROLE "a\nsource_profile = a\n"));
	assert_string_equal(plan.keys.id, "S");
	assert_int_equal(plan.roles.n, 1);
}

static void keys_are_asked_for_only_where_nobody_else_listens(void **state UNUSED)
{
	static const struct {
		const char *url;
		bool ok;
	} cases[] = {
		{"https://example.org/keys", true},
		{"http://127.0.0.1:51679/keys", true},
		{"http://localhost/keys", true},
		{"http://[::1]:80/keys", true},
		{"http://169.254.170.2/keys", true},
		{"http://169.254.170.23/v1/credentials", true},
		{"http://[fd00:ec2::23]/v1/credentials", true},
		{"http://example.org/keys", false},
		{"http://169.254.170.2.example.org/keys", false},
		{"http://169.254.170.2@example.org/keys", false},
		{"http://169.254.169.254/keys", false},
		{"ftp://127.0.0.1/keys", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", cases[i].url, 1);
		if (make("", "") != cases[i].ok)
			fail_msg("%s", cases[i].url);
	}
}

/* --- the fetch --- */

#define STS_OK(id, more)                                                                           \
	"<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"                 \
	"<AssumeRoleResult><Credentials><SessionToken>" id "-tok&amp;en==</SessionToken>"          \
	"<SecretAccessKey>" id "-secret</SecretAccessKey><AccessKeyId>" id "</AccessKeyId>" more   \
	"</Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define STS_ERROR(code, text)                                                                      \
	"<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" text             \
	"</Message></Error><RequestId>r</RequestId></ErrorResponse>"
#define EMPTY "{\"deployments\":[]}"

static void use_environment(void)
{
	setenv("AWS_ACCESS_KEY_ID", "BASEKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "base-secret", 1);
}

static const struct httpd_request *asked(const char *in_body, size_t nth)
{
	const struct httpd_request *rq;
	for (size_t i = 0; (rq = httpd_get(b.h, NULL, NULL, i)) != NULL; i++)
		if (strstr(rq->body, in_body) && nth-- == 0)
			return rq;
	return NULL;
}

static void assert_signed(const struct httpd_request *rq, const char *key, const char *secret,
			  const char *session)
{
	assert_non_null(rq);
	const char *credential = sigv4_part(rq, "Credential", &b.a),
		   *wrong = sigv4_wrong(rq, secret, &b.a);
	assert_int_equal(strncmp(credential, key, strlen(key)), 0);
	if (wrong)
		fail_msg("%s", wrong);
	if (session)
		assert_string_equal(httpd_header(rq, "X-Amz-Security-Token"), session);
	else
		assert_null(httpd_header(rq, "X-Amz-Security-Token"));
}

static void a_role_is_assumed_and_its_session_signs(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", STS_OK("ROLEKEY", "<Expiration>2099-08-24T09:00:00Z</Expiration>"), NULL,
		 0, "Action=AssumeRole&"},
		{"POST /", EMPTY, NULL, 0, "createTimeRange"},
		{0}};
	use_environment();
	b.cfg.aws.v[0].role_arn = ROLE "sitrep-reader";
	b.cfg.aws.v[0].external_id = "a b&c";
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, "*"), 2);
	assert_int_equal(collecting_ledger(&b, "codedeploy")->requests, 2);
	const struct httpd_request *rq = asked("Action=", 0);
	assert_string_equal(rq->body,
			    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%"
			    "3A111122223333%3Arole%2Fsitrep-reader&RoleSessionName=sitrep&"
			    "DurationSeconds=3600&ExternalId=a%20b%26c");
	assert_string_equal(httpd_header(rq, "Content-Type"),
			    "application/x-www-form-urlencoded; charset=utf-8");
	assert_non_null(strstr(sigv4_part(rq, "Credential", &b.a), "/eu-west-2/sts/aws4_request"));
	assert_signed(rq, "BASEKEY/", "base-secret", NULL);
	assert_signed(asked("createTimeRange", 0), "ROLEKEY/", "ROLEKEY-secret",
		      "ROLEKEY-tok&en==");
}

static void roles_are_assumed_one_with_the_others_keys(void **state UNUSED)
{
	static const struct served table[] = {{"POST /", STS_OK("FIRST", ""), NULL, 0, "role%2Fb"},
					      {"POST /", STS_OK("SECOND", ""), NULL, 0, "role%2Fa"},
					      {"POST /", EMPTY, NULL, 0, "createTimeRange"},
					      {0}};
	write_file("credentials", "[base]\n" KEYS("BASE"));
	write_file("config", "[profile a]\nrole_arn = " ROLE
			     "a\nsource_profile = b\n[profile b]\nrole_arn = " ROLE
			     "b\nsource_profile = base\n");
	setenv("AWS_PROFILE", "a", 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_signed(asked("role%2Fb", 0), "BASE/", "BASE-secret", NULL);
	assert_signed(asked("role%2Fa", 0), "FIRST/", "FIRST-secret", "FIRST-tok&en==");
	assert_signed(asked("createTimeRange", 0), "SECOND/", "SECOND-secret", "SECOND-tok&en==");
}

static void a_web_identity_is_sent_unsigned_and_read_anew(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", STS_OK("WEBKEY", ""), NULL, 0, "Action=AssumeRoleWithWebIdentity&"},
		{"POST /", EMPTY, NULL, 0, "createTimeRange"},
		{0}};
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", write_file("token", "ey.J+w/t\n"), 1);
	setenv("AWS_ROLE_ARN", ROLE "web", 1);
	setenv("AWS_ROLE_SESSION_NAME", "job-1", 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	const struct httpd_request *rq = asked("Action=", 0);
	assert_string_equal(rq->body,
			    "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%"
			    "3Aiam%3A%3A111122223333%3Arole%2Fweb&RoleSessionName=job-1&"
			    "DurationSeconds=3600&WebIdentityToken=ey.J%2Bw%2Ft");
	assert_null(httpd_header(rq, "Authorization"));
	assert_signed(asked("createTimeRange", 0), "WEBKEY/", "WEBKEY-secret", "WEBKEY-tok&en==");
	write_file("token", "ey.second");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_non_null(asked("WebIdentityToken=ey.second", 0));
	write_file("token", "\n");
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_FAILED, "is not one line with a token");
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token", 1);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_FAILED,
		    "the web identity of the environment: could not read \"/nonexistent/token\"");
}

#define DOCUMENT(id)                                                                               \
	"{\"Code\":\"Success\",\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"" id               \
	"-secret\",\"Token\":\"" id "-token\",\"Expiration\":\"2099-08-24T13:00:00Z\"}"

static void a_containers_endpoint_is_asked_with_its_token(void **state UNUSED)
{
	static const struct served table[] = {{"GET /keys", DOCUMENT("BOXKEY"), NULL, 0, NULL},
					      {"POST /", EMPTY, NULL, 0, "createTimeRange"},
					      {0}};
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", arena_printf(&b.a, "%s/keys", b.url), 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic plain", 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_string_equal(httpd_header(httpd_get(b.h, "GET", "/keys", 0), "Authorization"),
			    "Basic plain");
	assert_signed(asked("createTimeRange", 0), "BOXKEY/", "BOXKEY-secret", "BOXKEY-token");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", write_file("box", "from-file\n"), 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(httpd_header(httpd_get(b.h, "GET", "/keys", 0), "Authorization"),
			    "from-file");
	unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nHost: evil.example.org", 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_FAILED, "holds a line end");
	assert_int_equal(collecting_asked(&b, "*"), 0);
}

static void instance_metadata_wants_a_token_first(void **state UNUSED)
{
	static const struct served table[] = {
		{"PUT /latest/api/token", "imds-token", NULL, 0, NULL},
		{"GET /latest/meta-data/iam/security-credentials/", "web role\n", NULL, 0, NULL},
		{"GET /latest/meta-data/iam/security-credentials/*", DOCUMENT("EC2KEY"), NULL, 0,
		 NULL},
		{"POST /", EMPTY, NULL, 0, "createTimeRange"},
		{0}};
	static const struct served good[] = {
		{"PUT /latest/api/token", "imds-token", NULL, 0, NULL},
		{"GET /latest/meta-data/iam/security-credentials/", "web+role\n", NULL, 0, NULL},
		{"GET /latest/meta-data/iam/security-credentials/web%2Brole", DOCUMENT("EC2KEY"),
		 NULL, 0, NULL},
		{"POST /", EMPTY, NULL, 0, "createTimeRange"},
		{0}};
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", b.url, 1);
	collecting_serve(&b, good);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	const struct httpd_request *put = httpd_get(b.h, "PUT", NULL, 0);
	assert_string_equal(httpd_header(put, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(
			httpd_header(httpd_get(b.h, "GET", NULL, i), "x-aws-ec2-metadata-token"),
			"imds-token");
	assert_signed(asked("createTimeRange", 0), "EC2KEY/", "EC2KEY-secret", "EC2KEY-token");
	collecting_serve(&b, table); /* a role's name has no blank */
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_FAILED,
		    "instance metadata: this instance has no role");
}

static void where_no_metadata_answers_the_whole_search_is_told(void **state UNUSED)
{
	static const struct served table[] = {
		{"PUT *", "", NULL, 403, NULL}, {"POST /", EMPTY, NULL, 0, NULL}, {0}};
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
	collecting_serve(&b, table);
	int64_t begun_ms = clock_mono_ms();
	collecting_run(&b);
	assert_true(clock_mono_ms() - begun_ms < 5000);
	assert_part(
		&b, "codedeploy", LEDGER_FAILED,
		"no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; web identity: ");
	const char *reason = collecting_ledger(&b, "codedeploy")->reason;
	assert_non_null(strstr(reason, "container: "));
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", b.url, 1);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_FAILED, "no AWS credentials");
	assert_int_equal(collecting_asked(&b, "POST*"), 0);
}

static void refusals_of_sts_say_what_to_do(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *reason;
	} cases[] = {
		{403, STS_ERROR("AccessDenied", "User is not authorized"),
		 "role " ROLE "x was not given by STS: 403: AccessDenied: User is not authorized; "
		 "allow sts:AssumeRole, and let the role trust these credentials"},
		{403, STS_ERROR("InvalidClientTokenId", "The token is invalid"),
		 "InvalidClientTokenId: The token is invalid; check the keys"},
		{403, STS_ERROR("SignatureDoesNotMatch", "Signature expired"),
		 "check the keys and this machine's clock"},
		{400, STS_ERROR("ExpiredTokenException", "ended"), "the session has ended"},
		{503, "<html>busy</html>", "503 without a reason"},
		{200, "<AssumeRoleResponse><Cred", "the answer is not whole XML"},
		{200, "<AssumeRoleResponse/>", "the answer holds no credentials"},
		{200, "{}", "the answer is not whole XML"},
	};
	use_environment();
	b.cfg.aws.v[0].role_arn = ROLE "x";
	b.cfg.aws.v[0].collect = strv_of(&b.a, "codedeploy", "ecr");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[] = {{"*", cases[i].body, NULL, cases[i].status, "Action="},
					 {0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_part(&b, "codedeploy", LEDGER_FAILED, cases[i].reason);
		assert_part(&b, "ecr", LEDGER_FAILED, cases[i].reason);
		assert_int_equal(collecting_asked(&b, "*"), 1); /* once for both parts */
	}
}

static void published_answers_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	static const struct {
		const char *file, *id, *session;
		int64_t expires_s;
	} cases[] = {
		{"sts/AssumeRole.xml", "ASIAEXAMPLEEXAMPLE00",
		 "EXAMPLEKEYxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&A==", 1787562000},
		{"sts/AssumeRole.odd.xml", "accessKeyIdResp", "sessionTokenResp", TIME_NONE},
		{"sts/AssumeRoleWithWebIdentity.xml", "SuccessfulAccessKey", "TokenSuccess",
		 1582610611},
		{"sts/AssumeRole.truncated.xml", NULL, NULL, 0},
		{"sts/GetCallerIdentity.xml", NULL, NULL, 0},
		{"errors/query-sts-AccessDenied.xml", NULL, NULL, 0},
		{"credentials/ecs-container.json", "SuccessfulAccessKey", "TokenSuccess",
		 1582610611},
		{"credentials/imds-role.json", "ASIAEXAMPLEEXAMPLE00", "token", 1787576400},
		{"credentials/ecs-container-bad.json", NULL, NULL, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len;
		struct err e = {0};
		struct aws_keys k;
		const char *path = fixture_path(&b.a, arena_printf(&b.a, "aws/%s", cases[i].file)),
			   *text = test_read(&b.a, path, &len);
		bool ok = strstr(path, ".xml") ? aws_keys_of_sts(text, len, &b.a, &k, &e)
					       : aws_keys_of_json(text, len, &b.a, &k, &e);
		if (!cases[i].id) {
			assert_false(ok);
			continue;
		}
		assert_ok(ok, e);
		assert_string_equal(k.id, cases[i].id);
		assert_string_equal(k.session, cases[i].session);
		assert_int_equal(k.expires_s, cases[i].expires_s);
	}
	struct aws_keys k;
	struct err e = {0};
	static const char refused[] =
		"{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"EC2 cannot assume\"}";
	assert_false(aws_keys_of_json(refused, strlen(refused), &b.a, &k, &e));
	assert_string_equal(e.msg, "AssumeRoleUnauthorizedAccess: EC2 cannot assume");
}

/* --- renewal --- */

static struct renewal {
	int given, expired; /* roles given; calls refused for an ended session */
	int refuse_from; /* roles from this one on are refused; 0: none is */
	int ends_after; /* calls that a session is good for */
	int calls;
	const char *expires;
} renewal;

static struct httpd_answer renewing(const struct httpd_request *rq, struct arena *a,
				    void *ctx UNUSED)
{
	struct renewal *r = &renewal;
	if (strstr(rq->body, "Action=AssumeRole")) {
		if (r->refuse_from && r->given + 1 >= r->refuse_from)
			return (struct httpd_answer){.status = 403,
						     .body = STS_ERROR("AccessDenied", "no more")};
		r->given++;
		r->calls = 0;
		return (struct httpd_answer){
			.body = arena_printf(a,
					     "<R><Credentials><AccessKeyId>K%d</AccessKeyId>"
					     "<SecretAccessKey>s%d</SecretAccessKey>"
					     "<SessionToken>t%d</SessionToken><Expiration>%s"
					     "</Expiration></Credentials></R>",
					     r->given, r->given, r->given, r->expires)};
	}
	if (++r->calls > r->ends_after) {
		r->expired++;
		return (struct httpd_answer){
			.status = 400,
			.body = "{\"__type\":\"ExpiredTokenException\",\"message\":\"ended\"}"};
	}
	if (strstr(rq->body, "createTimeRange"))
		return (struct httpd_answer){
			.body = strstr(rq->body, "\"p3\"") ? EMPTY
				: strstr(rq->body, "\"p2\"")
					? "{\"deployments\":[],\"nextToken\":\"p3\"}"
					: "{\"deployments\":[],\"nextToken\":\"p2\"}"};
	return (struct httpd_answer){.body = "{\"repositories\":[]}"};
}

static void renew_setup(const char *expires, int ends_after, int refuse_from)
{
	use_environment();
	b.cfg.aws.v[0].role_arn = ROLE "x";
	httpd_stop(b.h);
	b.h = httpd_start();
	b.url = httpd_url(b.h);
	b.cfg.aws.v[0].endpoint = b.url;
	httpd_on_any(b.h, renewing, NULL);
	renewal = (struct renewal){
		.expires = expires, .ends_after = ends_after, .refuse_from = refuse_from};
}

static void a_session_that_ends_in_mid_run_is_renewed_once_for_all(void **state UNUSED)
{
	renew_setup("2099-08-24T09:00:00Z", 2, 0);
	b.cfg.aws.v[0].collect = strv_of(&b.a, "ecr", "codedeploy");
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_part(&b, "ecr", LEDGER_COMPLETE, NULL);
	assert_int_equal(renewal.given, 2);
	assert_int_equal(renewal.expired, 1);
	const struct httpd_request *first = asked("\"p2\"", 0), *second = asked("\"p2\"", 1);
	assert_signed(first, "K1/", "s1", "t1");
	assert_signed(second, "K2/", "s2", "t2");
}

static void a_session_that_ends_again_at_once_is_told(void **state UNUSED)
{
	renew_setup("2099-08-24T09:00:00Z", 0, 0);
	collecting_run(&b);
	assert_int_equal(renewal.given, 2); /* no endless circle */
	assert_part(&b, "codedeploy", LEDGER_FAILED, "ExpiredTokenException: ended; the session");
	renew_setup("2099-08-24T09:00:00Z", 1, 2);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_PARTIAL, "ExpiredTokenException");
	assert_part(&b, "codedeploy", LEDGER_PARTIAL, "(and 1 more)");
}

static void keys_that_end_soon_are_not_asked_for_at_every_call(void **state UNUSED)
{
	renew_setup("2020-02-25T06:03:31Z", 99, 0); /* a wrong clock there or here */
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_int_equal(renewal.given, 1);
	struct aws_credentials k = {.keys = {.expires_s = clock_real() + 300},
				    .plan = {.base = AWS_BASE_CONTAINER},
				    .asked_s = clock_real() - 3000};
	assert_true(aws_credentials_due(&k));
	k.asked_s = clock_real() - 10;
	assert_false(aws_credentials_due(&k));
	k.asked_s = clock_real() - 3000;
	k.keys.expires_s = clock_real() + 1000;
	assert_false(aws_credentials_due(&k));
	k.keys.expires_s = TIME_NONE;
	assert_false(aws_credentials_due(&k));
}

static void fixed_keys_that_ended_are_not_asked_for_again(void **state UNUSED)
{
	renew_setup("", 0, 0);
	b.cfg.aws.v[0].role_arn = NULL;
	collecting_run(&b);
	assert_int_equal(renewal.expired, 1);
	assert_part(&b, "codedeploy", LEDGER_FAILED, "renew the session token and the keys");
}

/* --- where --- */

static void services_are_where_the_configuration_then_the_environment_says(void **state UNUSED)
{
	static const struct aws_service ecr = {.host = "api.ecr", .signing = "ecr", .env = "ECR"};
	struct collect c = {.a = &b.a};
	struct aws_source cfg = {.region = "eu-west-2", .endpoint = "http://127.0.0.1:4566/"};
	struct aws s = {.c = &c, .cfg = &cfg};
	write_file("config", "[default]\nendpoint_url = https://all.example.org/\nservices = mine\n"
			     "[services mine]\necr =\n  endpoint_url = https://ecr.example.org\n");
	aws_credentials_init(&s.credentials, &s);
	assert_string_equal(aws_endpoint(&s, &ecr, "eu-west-2"), "http://127.0.0.1:4566");
	cfg.endpoint = NULL;
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1/", 1);
	setenv("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:2", 1);
	assert_string_equal(aws_endpoint(&s, &ecr, "eu-west-2"), "http://127.0.0.1:2");
	unsetenv("AWS_ENDPOINT_URL_ECR");
	assert_string_equal(aws_endpoint(&s, &ecr, "eu-west-2"), "http://127.0.0.1:1");
	unsetenv("AWS_ENDPOINT_URL");
	assert_string_equal(aws_endpoint(&s, &ecr, "eu-west-2"), "https://ecr.example.org");
	struct aws_service other = {.host = "ecs", .signing = "ecs", .env = "ECS"};
	assert_string_equal(aws_endpoint(&s, &other, "eu-west-2"), "https://all.example.org");
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	assert_string_equal(aws_endpoint(&s, &ecr, "us-east-1"),
			    "https://api.ecr.us-east-1.amazonaws.com");
	assert_string_equal(aws_endpoint(&s, &ecr, "cn-north-1"),
			    "https://api.ecr.cn-north-1.amazonaws.com.cn");
}

/* --- secrets --- */

static void no_message_and_no_log_holds_a_secret(void **state UNUSED)
{
	static const char *const secrets[] = {"s3cret", "t0ken", "ex7ernal", "we8identity"};
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	static const struct served table[] = {
		{"*", STS_OK("t0ken-s3cret", "") "junk", NULL, 0, "Action="}, {0}};
	setenv("AWS_ACCESS_KEY_ID", "KEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);
	setenv("AWS_SESSION_TOKEN", "t0ken", 1);
	b.cfg.aws.v[0].role_arn = ROLE "x";
	b.cfg.aws.v[0].external_id = "ex7ernal";
	log_setup(f, LOG_DEBUG);
	collecting_serve(&b, table);
	collecting_run(&b);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", write_file("token", "we8identity"), 1);
	setenv("AWS_ROLE_ARN", ROLE "y", 1);
	const char *first = collecting_ledger(&b, "codedeploy")->reason;
	collecting_run(&b);
	log_setup(stderr, LOG_WARN);
	fclose(f);
	assert_non_null(strstr(text, "was not given by STS"));
	const char *all = arena_printf(&b.a, "%s\n%s\n%s", text, first,
				       collecting_ledger(&b, "codedeploy")->reason);
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strstr(all, secrets[i]))
			fail_msg("\"%s\" is in: %s", secrets[i], all);
	free(text);
}

/* Answers with an ETag are kept for the next run, but for these. */
static void keys_that_were_handed_out_are_not_kept(void **state UNUSED)
{
	static const char etag[] = "ETag: \"1\"";
	static const struct served table[] = {
		{"GET /keys", DOCUMENT("BOXKEY"), etag, 0, NULL},
		{"PUT /latest/api/token", "imds-token", etag, 0, NULL},
		{"GET /latest/meta-data/iam/security-credentials/", "role", etag, 0, NULL},
		{"GET /latest/meta-data/iam/security-credentials/role", DOCUMENT("EC2KEY"), etag, 0,
		 NULL},
		{"POST /", EMPTY, NULL, 0, "createTimeRange"},
		{0}};
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", arena_printf(&b.a, "%s/keys", b.url), 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", b.url, 1);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM http_cache"), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(settings_are_read_as_amazons_own_tools_read_them),
		T(files_of_botocore_give_the_same_profiles),
		T(the_credentials_file_and_the_profile_default_go_first),
		T(the_order_is_that_of_amazons_tools),
		T(without_any_every_place_says_what_it_lacks),
		T(what_is_half_there_ends_the_search),
		T(roles_stand_on_each_other),
		T(keys_are_asked_for_only_where_nobody_else_listens),
		T(a_role_is_assumed_and_its_session_signs),
		T(roles_are_assumed_one_with_the_others_keys),
		T(a_web_identity_is_sent_unsigned_and_read_anew),
		T(a_containers_endpoint_is_asked_with_its_token),
		T(instance_metadata_wants_a_token_first),
		T(where_no_metadata_answers_the_whole_search_is_told),
		T(refusals_of_sts_say_what_to_do),
		T(published_answers_are_read),
		T(a_session_that_ends_in_mid_run_is_renewed_once_for_all),
		T(a_session_that_ends_again_at_once_is_told),
		T(keys_that_end_soon_are_not_asked_for_at_every_call),
		T(fixed_keys_that_ended_are_not_asked_for_again),
		T(services_are_where_the_configuration_then_the_environment_says),
		T(no_message_and_no_log_holds_a_secret),
		T(keys_that_were_handed_out_are_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
