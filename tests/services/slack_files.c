#include "services/slack.h"

#include "base/parse.h"
#include "base/text.h"

/* files.getUploadURLExternal (a form, not JSON), the upload, files.completeUploadExternal, whose
 * answer comes before the file is shared, and files.info, which shows the share the second time. */

struct file {
	const char *id, *name, *title, *channel, *thread;
	int64_t length;
	bool uploaded, completed;
	int asked; /* files.info since completion */
};
static struct arena arena; /* of the files; under the context's lock */
static VEC(struct file) files;

static struct file *find(const char *id)
{
	for (size_t i = 0; id && i < files.n; i++)
		if (text_eq(files.v[i].id, id))
			return &files.v[i];
	return NULL;
}

static void reserve(struct request *q, struct answer *r, const struct jv *in)
{
	const char *name = slack_argument(q, in, "filename"),
		   *length = slack_argument(q, in, "length"),
		   *type = request_header(q, "Content-Type");
	struct file f = {0};
	if (type && text_starts(type, "application/json")) /* its arguments would not be seen */
		name = NULL;
	if (!name || !*name || !length || !parse_i64(length, &f.length) || f.length < 1) {
		slack_refuse(q, r, "missing_argument", "filename and length are needed");
		return;
	}
	f.id = arena_printf(&arena, "F0EXAMPLE%zu", files.n);
	f.name = arena_strdup(&arena, name);
	vec_push(&arena, &files, f);
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	jw_str(o, "upload_url",
	       arena_printf(q->a, "http://127.0.0.1:%d" SLACK_UPLOAD "%s", q->port, f.id));
	jw_str(o, "file_id", f.id);
	answer_json(q, r, o);
}

void slack_upload(struct request *q, struct answer *r)
{
	pthread_mutex_lock(&q->c->lock);
	struct file *f = find(q->path + strlen(SLACK_UPLOAD));
	bool ok = f && (int64_t)q->body_len == f->length && !request_header(q, "Authorization");
	if (ok)
		f->uploaded = true;
	pthread_mutex_unlock(&q->c->lock);
	r->type = "text/plain";
	r->status = ok ? 200 : 400;
	r->body = ok ? arena_printf(q->a, "OK - %zu", q->body_len) : "bad upload";
}

static void complete(struct request *q, struct answer *r, const struct jv *in)
{
	struct jv list = json_get(in, "files");
	const char *channel = slack_argument(q, in, "channel_id"),
		   *thread = slack_argument(q, in, "thread_ts");
	if (json_count(&list) == 0) {
		slack_refuse(q, r, "invalid_arguments", "files is needed");
		return;
	}
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct jv id = json_get(&it, "id");
		struct file *f = find(json_text(&id, q->a));
		if (!f || !f->uploaded) {
			slack_refuse(q, r, "file_not_found", NULL);
			return;
		}
	}
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	struct jw *rows = jw_add_arr(o, "files");
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		struct jv id = json_get(&it, "id"), title = json_get(&it, "title");
		struct file *f = find(json_text(&id, q->a));
		f->completed = true;
		f->title = arena_strdup(&arena, json_text(&title, q->a));
		f->channel = arena_strdup(&arena, channel);
		f->thread = arena_strdup(&arena, thread);
		struct jw *w = jw_add_obj(rows, NULL);
		jw_str(w, "id", f->id);
		jw_str(w, "title", f->title);
		jw_str(w, "mimetype", "");
		jw_add_obj(w, "shares");
	}
	answer_json(q, r, o);
}

static void info(struct request *q, struct answer *r, const struct jv *in)
{
	struct file *f = find(slack_argument(q, in, "file"));
	if (!f) {
		slack_refuse(q, r, "file_not_found", NULL);
		return;
	}
	bool shown = f->completed && ++f->asked > 1;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_bool(o, "ok", true);
	struct jw *w = jw_add_obj(o, "file");
	jw_str(w, "id", f->id);
	jw_str(w, "name", f->name);
	jw_str(w, "title", f->title);
	jw_i64(w, "size", f->length);
	jw_str(w, "mimetype", shown ? "application/pdf" : "");
	struct jw *shares = jw_add_obj(w, "shares");
	if (shown && f->channel) {
		struct jw *x =
			jw_add_obj(jw_add_arr(jw_add_obj(shares, "public"), f->channel), NULL);
		jw_str(x, "ts", "1794825000.000900");
		jw_str(x, "thread_ts", f->thread);
	}
	answer_json(q, r, o);
}

bool slack_files(struct request *q, struct answer *r, const struct jv *in)
{
	static const struct {
		const char *path;
		void (*f)(struct request *q, struct answer *r, const struct jv *in);
	} methods[] = {{"/api/files.getUploadURLExternal", reserve},
		       {"/api/files.completeUploadExternal", complete},
		       {"/api/files.info", info}};
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!text_eq(q->path, methods[i].path))
			continue;
		pthread_mutex_lock(&q->c->lock);
		methods[i].f(q, r, in);
		pthread_mutex_unlock(&q->c->lock);
		return true;
	}
	return false;
}
