#include "lib/mime.h"

#include "base/sb.h"
#include "base/text.h"
#include "lib/crypto.h"

#include <gmime/gmime.h>

#define LINE_MAX_ 998 /* RFC 5322 2.1.1 */

/* No name for the other: it would be taken for a client's. */
static void unref(void *object)
{
	GObject **p = object;
	if (*p)
		g_object_unref(*p);
}
#define OBJECT CLEANUP(unref)

static bool clean(const char *value, const char *what, struct err *e)
{
	if (!value || !*value)
		return err_set(e, ERR_BUG, "mail: %s is missing", what);
	for (const char *p = value, *end = value + strlen(value); p < end;) {
		uint32_t c = utf8_next(&p, end);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd || c == 0x2028 ||
		    c == 0x2029)
			return err_set(e, ERR_BUG,
				       "mail: %s holds a control character or is not UTF-8", what);
	}
	return true;
}

static bool clean_opt(const char *value, const char *what, struct err *e)
{
	return !value || clean(value, what, e);
}

/* "left@right" of printable ASCII, as in Message-ID and Content-ID. */
static bool id_ok(const char *id, const char *what, struct err *e)
{
	const char *at = id ? strchr(id, '@') : NULL;
	bool ok = at && at > id && at[1] && !strchr(at + 1, '@');
	for (const char *p = id; ok && *p; p++)
		ok = *p > ' ' && *p < 0x7f && !strchr("<>()[]\\,;:\"", *p);
	return ok || err_set(e, ERR_BUG, "mail: %s is not of the form left@right", what);
}

static bool check(const struct mime_message *m, struct err *e)
{
	bool ok = clean(m->from, "the sender", e) && clean(m->subject, "the subject", e) &&
		  clean(m->seed, "the seed", e) && id_ok(m->message_id, "the Message-ID", e) &&
		  clean_opt(m->list_id, "List-Id", e) &&
		  clean_opt(m->language, "Content-Language", e) &&
		  clean_opt(m->unsubscribe, "List-Unsubscribe", e) &&
		  clean_opt(m->pdf_name, "an attachment's name", e);
	for (size_t i = 0; ok && i < m->to.n; i++)
		ok = clean(m->to.v[i], "a recipient", e);
	for (size_t i = 0; ok && i < m->image_n; i++)
		ok = id_ok(m->images[i].cid, "a Content-ID", e) &&
		     clean(m->images[i].file, "an image's name", e);
	if (ok && m->list_id && !strchr(m->list_id, '<'))
		ok = err_set(e, ERR_BUG, "mail: List-Id has no <…>");
	if (ok && m->unsubscribe && !text_starts(m->unsubscribe, "mailto:"))
		ok = err_set(e, ERR_BUG, "mail: List-Unsubscribe is not mailto:");
	if (ok && !m->text)
		ok = err_set(e, ERR_BUG, "mail: there is no plain text");
	return ok;
}

/* LF line ends, so that GMime encodes every line end as one. */
static const char *lines(const char *s, struct arena *a)
{
	char *out = arena_alloc(a, strlen(s) + 2), *p = out;
	for (; *s; s++) {
		if (*s == '\r' && s[1] == '\n')
			continue;
		*p++ = *s;
		if (*s == '\r')
			p[-1] = '\n';
	}
	if (p == out || p[-1] != '\n')
		*p++ = '\n';
	return out;
}

static const char *boundary(const struct mime_message *m, const char *name, struct arena *a)
{
	char hex[SHA256_HEX];
	sha256_hex(m->seed, strlen(m->seed), hex);
	/* "=_" occurs in neither quoted-printable nor base64 */
	return arena_printf(a, "=_%.24s_%s", hex, name);
}

static void set_content(GMimePart *part, const void *bytes, size_t len,
			GMimeContentEncoding encoding)
{
	OBJECT GMimeStream *mem = g_mime_stream_mem_new_with_buffer(bytes, len);
	OBJECT GMimeDataWrapper *w =
		g_mime_data_wrapper_new_with_stream(mem, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, w);
	g_mime_part_set_content_encoding(part, encoding);
}

static GMimeObject *text_part(const char *subtype, const char *s, struct arena *a)
{
	const char *body = lines(s, a);
	GMimePart *p = g_mime_part_new_with_type("text", subtype);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(p), "charset", "utf-8");
	set_content(p, body, strlen(body), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	return GMIME_OBJECT(p);
}

/* GMime would write a name in the narrowest charset that holds it. */
static void utf8_param(GMimeParamList *list, const char *name)
{
	GMimeParam *p = g_mime_param_list_get_parameter(list, name);
	if (p)
		g_mime_param_set_charset(p, "UTF-8");
}

static GMimeObject *file_part(const char *type, const char *subtype, const char *disposition,
			      const char *name, const char *cid, const void *bytes, size_t len)
{
	GMimePart *p = g_mime_part_new_with_type(type, subtype);
	set_content(p, bytes, len, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_object_set_disposition(GMIME_OBJECT(p), disposition);
	g_mime_part_set_filename(p, name);
	utf8_param(g_mime_content_disposition_get_parameters(
			   g_mime_object_get_content_disposition(GMIME_OBJECT(p))),
		   "filename");
	utf8_param(
		g_mime_content_type_get_parameters(g_mime_object_get_content_type(GMIME_OBJECT(p))),
		"name");
	if (cid)
		g_mime_object_set_content_id(GMIME_OBJECT(p), cid);
	return GMIME_OBJECT(p);
}

/* The multipart takes its own references. */
static GMimeObject *multipart(const char *subtype, const char *bound, GMimeObject *first)
{
	GMimeMultipart *mp = g_mime_multipart_new_with_subtype(subtype);
	g_mime_multipart_set_boundary(mp, bound);
	g_mime_multipart_add(mp, first);
	return GMIME_OBJECT(mp);
}

static GMimeObject *html_tree(const struct mime_message *m, struct arena *a)
{
	OBJECT GMimeObject *html = text_part("html", m->html, a);
	if (!m->image_n)
		return TAKE_PTR(html);
	GMimeObject *related = multipart("related", boundary(m, "related", a), html);
	g_mime_object_set_content_type_parameter(related, "type", "text/html");
	for (size_t i = 0; i < m->image_n; i++) {
		const struct mime_image *im = &m->images[i];
		OBJECT GMimeObject *p = file_part("image", "png", GMIME_DISPOSITION_INLINE,
						  im->file, im->cid, im->bytes, im->len);
		g_mime_multipart_add(GMIME_MULTIPART(related), p);
	}
	return related;
}

static GMimeObject *tree(const struct mime_message *m, struct arena *a)
{
	OBJECT GMimeObject *root = text_part("plain", m->text, a);
	if (m->html) {
		OBJECT GMimeObject *plain = TAKE_PTR(root);
		OBJECT GMimeObject *html = html_tree(m, a);
		root = multipart("alternative", boundary(m, "alternative", a), plain);
		g_mime_multipart_add(GMIME_MULTIPART(root), html);
	}
	if (m->pdf_name) {
		OBJECT GMimeObject *body = TAKE_PTR(root);
		OBJECT GMimeObject *pdf =
			file_part("application", "pdf", GMIME_DISPOSITION_ATTACHMENT, m->pdf_name,
				  NULL, m->pdf, m->pdf_len);
		root = multipart("mixed", boundary(m, "mixed", a), body);
		g_mime_multipart_add(GMIME_MULTIPART(root), pdf);
	}
	return TAKE_PTR(root);
}

/* "Name <a@b>" or "a@b", one mailbox, into a list. */
static bool add_address(InternetAddressList *list, const char *s, struct err *e)
{
	OBJECT InternetAddressList *one = internet_address_list_parse(NULL, s);
	InternetAddress *ia = one && internet_address_list_length(one) == 1
				      ? internet_address_list_get_address(one, 0)
				      : NULL;
	const char *addr = ia && INTERNET_ADDRESS_IS_MAILBOX(ia)
				   ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(ia))
				   : NULL;
	bool ok = addr && strchr(addr, '@') && addr[0] != '@' && addr[strlen(addr) - 1] != '@';
	for (const char *p = addr; ok && *p; p++)
		ok = *p > ' ' && *p < 0x7f && !strchr("<>()[]\\,;:\"", *p);
	if (!ok)
		return err_set(e, ERR_CONFIG, "\"%s\" is not an address (Name <name@example.org>)",
			       s);
	internet_address_set_charset(ia, "UTF-8"); /* else GMime takes the narrowest that fits */
	internet_address_list_add(list, ia);
	return true;
}

static bool set_addresses(GMimeMessage *msg, const struct mime_message *m, struct err *e)
{
	if (!add_address(g_mime_message_get_addresses(msg, GMIME_ADDRESS_TYPE_FROM), m->from, e))
		return false;
	for (size_t i = 0; i < m->to.n; i++)
		if (!add_address(g_mime_message_get_addresses(msg, GMIME_ADDRESS_TYPE_TO),
				 m->to.v[i], e))
			return false;
	return true;
}

static void set_headers(GMimeMessage *msg, const struct mime_message *m, struct arena *a)
{
	GMimeObject *o = GMIME_OBJECT(msg);
	if (!m->to.n)
		g_mime_object_set_header(o, "To", "undisclosed-recipients:;", "UTF-8");
	g_mime_message_set_subject(msg, m->subject, "UTF-8");
	GDateTime *date = g_date_time_new_from_unix_utc(m->date_s);
	BUG_ON(!date);
	g_mime_message_set_date(msg, date);
	g_date_time_unref(date);
	g_mime_message_set_message_id(msg, m->message_id);
	if (m->list_id)
		g_mime_object_set_header(o, "List-Id", m->list_id, "UTF-8");
	if (m->unsubscribe)
		g_mime_object_set_header(o, "List-Unsubscribe",
					 arena_printf(a, "<%s>", m->unsubscribe), "UTF-8");
	g_mime_object_set_header(o, "Auto-Submitted", "auto-generated", "UTF-8"); /* RFC 3834 */
	g_mime_object_set_header(o, "Precedence", "bulk", "UTF-8");
	g_mime_object_set_header(o, "X-Auto-Response-Suppress", "All", "UTF-8"); /* Exchange */
	if (m->language)
		g_mime_object_set_header(o, "Content-Language", m->language, "UTF-8");
}

/* CRLF everywhere; what a server would refuse is found here and not by its answer. */
static bool to_wire(const char *s, size_t n, struct arena *a, const char **out, size_t *len,
		    struct err *e)
{
	struct sb b;
	sb_init(&b, a, 2 * n + 2);
	size_t line = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '\n') {
			sb_add(&b, "\r\n");
			line = 0;
			continue;
		}
		if (c == '\r' || c == '\0' || c > 0x7f || ++line > LINE_MAX_)
			return err_set(e, ERR_BUG, "mail: byte %zu is not fit for the wire", i);
		sb_addc(&b, (char)c);
	}
	*out = sb_finish(&b, len, e);
	return *out != NULL;
}

bool mime_write(const struct mime_message *m, struct arena *a, const char **out, size_t *len,
		struct err *e)
{
	if (!check(m, e))
		return false;
	g_mime_init();
	OBJECT GMimeMessage *msg = g_mime_message_new(FALSE);
	if (!set_addresses(msg, m, e))
		return false;
	set_headers(msg, m, a);
	OBJECT GMimeObject *root = tree(m, a);
	g_mime_message_set_mime_part(msg, root);
	GMimeFormatOptions *how = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(how, GMIME_NEWLINE_FORMAT_UNIX);
	g_mime_format_options_set_param_encoding_method(how, GMIME_PARAM_ENCODING_METHOD_RFC2231);
	OBJECT GMimeStream *mem = g_mime_stream_mem_new();
	ssize_t n = g_mime_object_write_to_stream(GMIME_OBJECT(msg), how, mem);
	g_mime_format_options_free(how);
	if (n < 0)
		return err_set(e, ERR_BUG, "mail: GMime does not write the message");
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
	return to_wire((const char *)bytes->data, bytes->len, a, out, len, e);
}

const char *mime_version(void)
{
	char text[32];
	snprintf(text, sizeof text, "%u.%u.%u", gmime_major_version, gmime_minor_version,
		 gmime_micro_version);
	return g_intern_string(text);
}
