#include "services/aws.h"

#include "base/text.h"

/* Where credentials come from: STS, a container's endpoint and instance metadata (version 2 only),
 * all on the account's port. The session they hand out is accepted like the fixed key. */

#define FORM "application/x-www-form-urlencoded; charset=utf-8"

static void xml_error(struct answer *r, struct arena *a, int status, const char *code)
{
	r->status = status;
	r->body = arena_printf(a,
			       "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
			       "<Error><Type>Sender</Type><Code>%s</Code><Message>refused</Message>"
			       "</Error><RequestId>example</RequestId></ErrorResponse>",
			       code);
}

static void assume_role(struct request *q, struct answer *r, bool web)
{
	const char *region;
	r->type = "text/xml";
	if (web && request_header(q, "Authorization")) {
		xml_error(r, q->a, 400, "UnexpectedSignature");
		return;
	}
	if (!web && !aws_verify(q, r, "sts", &region))
		return;
	if (!strstr(q->body, "&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A") ||
	    !strstr(q->body, "&RoleSessionName=") ||
	    (web && !strstr(q->body, "&WebIdentityToken="))) {
		xml_error(r, q->a, 400, "ValidationError");
		return;
	}
	const char *op = web ? "AssumeRoleWithWebIdentity" : "AssumeRole";
	r->body =
		arena_printf(q->a,
			     "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
			     "<%sResult><Credentials><SessionToken>%s</SessionToken>"
			     "<SecretAccessKey>%s</SecretAccessKey>"
			     "<Expiration>2099-01-01T00:00:00Z</Expiration>"
			     "<AccessKeyId>%s</AccessKeyId></Credentials></%sResult></%sResponse>",
			     op, op, AWS_SESSION, AWS_SESSION_SECRET, AWS_SESSION_KEY, op, op);
}

static void document(struct request *q, struct answer *r)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(o, "Code", "Success");
	jw_str(o, "Type", "AWS-HMAC");
	jw_str(o, "AccessKeyId", AWS_SESSION_KEY);
	jw_str(o, "SecretAccessKey", AWS_SESSION_SECRET);
	jw_str(o, "Token", AWS_SESSION);
	jw_str(o, "Expiration", "2099-01-01T00:00:00Z");
	answer_json(q, r, o);
}

static void metadata(struct request *q, struct answer *r)
{
	static const char roles[] = "/latest/meta-data/iam/security-credentials/";
	r->type = "text/plain";
	if (text_eq(q->path, "/latest/api/token")) {
		bool right = text_eq(q->method, "PUT") &&
			     request_header(q, "x-aws-ec2-metadata-token-ttl-seconds");
		r->status = right ? 200 : 400;
		r->body = right ? "example-metadata-token" : "";
	} else if (!text_eq(request_header(q, "x-aws-ec2-metadata-token"),
			    "example-metadata-token")) {
		r->status = 401;
		r->body = "";
	} else if (text_eq(q->path, roles)) {
		r->body = "sitrep-reader";
	} else if (text_eq(q->path, arena_printf(q->a, "%ssitrep-reader", roles))) {
		r->type = "application/json";
		document(q, r);
	} else {
		r->status = 404;
		r->body = "";
	}
}

static void who(struct request *q, struct answer *r)
{
	const char *region;
	r->type = "text/xml";
	if (!aws_verify(q, r, "sts", &region))
		return;
	r->body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
		  "<GetCallerIdentityResult><Arn>arn:aws:sts::100000000001:assumed-role/"
		  "sitrep-reader/sitrep</Arn><UserId>EXAMPLE:sitrep</UserId><Account>100000000001"
		  "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
}

bool aws_keys_serve(struct request *q, struct answer *r)
{
	if (text_starts(q->path, "/latest/")) {
		metadata(q, r);
		return true;
	}
	if (text_eq(q->path, "/container-credentials")) {
		document(q, r);
		return true;
	}
	if (!text_eq(request_header(q, "Content-Type"), FORM) || !text_starts(q->body, "Action="))
		return false;
	bool web = text_starts(q->body, "Action=AssumeRoleWithWebIdentity&");
	if (web || text_starts(q->body, "Action=AssumeRole&"))
		assume_role(q, r, web);
	else if (text_starts(q->body, "Action=GetCallerIdentity&"))
		who(q, r);
	else
		xml_error(r, q->a, 400, "InvalidAction");
	return true;
}
