#include "support/test.h"

#include "archive/archive.h"
#include "archive/manifest.h"
#include "archive/verify.h"
#include "base/file.h"
#include "base/text.h"
#include "lib/xml.h"
#include "render/render.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct arena a;
static const char *root; /* of the archive under test */

/* The n-th fsync or rename below the archive fails; 0: none does. SQLite's own are let through. */
static int fail_at, calls;

static bool failing(const char *path)
{
	return root && text_starts(path, root) && fail_at && ++calls == fail_at;
}

int fsync(int fd)
{
	char link[40], path[4096] = "";
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	if (failing(path)) {
		errno = EIO;
		return -1;
	}
	return 0; /* no power fails here, and the disk is slow */
}

int fdatasync(int fd UNUSED)
{
	return 0;
}

int rename(const char *from, const char *to)
{
	if (failing(to)) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_renameat2, -100 /* AT_FDCWD */, from, -100, to, 0);
}

struct fixture {
	struct db *db;
	struct config cfg;
	struct archive_versions versions;
};

static void version(struct archive_versions *v, const char *name, const char *value)
{
	vec_push(&a, &v->names, name);
	vec_push(&a, &v->values, value);
}

static void freeze(struct db *db, const char *week, const char *audience, const char *file)
{
	struct err e = {0};
	struct frozen f;
	struct numbers none = {0};
	struct items nothing = {0};
	size_t n;
	const char *doc = test_read(&a, file, &n);
	assert_ok(digests_freeze(db, week, audience, doc, n, "sitrep 0.1.0", &none, &nothing,
				 1794825000, &a, &f, &e),
		  e);
	struct artefacts list = {0};
	static const struct artefact made[] = {
		{"page.html", "text/html", "<!DOCTYPE html><title>x</title>", 31},
		{"digest.pdf", "application/pdf", "%PDF\0x", 6},
		{"digest.txt", "text/plain", "", 0},
		{"digest.json", "application/json", "{}", 2},
		{"mail.eml", "message/rfc822", "From: a\r\n\r\n", 11},
		{"slack.json", "application/json", "[]", 2}};
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		vec_push(&a, &list, made[i]);
	assert_ok(digests_put_artefacts(db, f.id, &list, &e), e);
}

/* What the fake renderer makes: the stored bytes again, from any document. */
static bool render_same(const char *document, size_t n, struct arena *to, struct artefacts *out,
			struct strv *failed UNUSED, struct err *e UNUSED)
{
	const struct artefact list[] = {
		{"page.html", "text/html", "<!DOCTYPE html><title>x</title>", 31},
		{"digest.pdf", "application/pdf", "%PDF\0x", 6},
		{"digest.txt", "text/plain", "", 0},
		{"digest.json", "application/json", "{}", 2},
		{"digest.xml", "application/xml", arena_strndup(to, document, n), n},
		{"mail.eml", "message/rfc822", "From: a\r\n\r\n", 11},
		{"slack.json", "application/json", "[]", 2}};
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		vec_push(to, out, list[i]);
	return true;
}

static bool render_other(const char *document, size_t n, struct arena *to, struct artefacts *out,
			 struct strv *failed, struct err *e)
{
	if (!render_same(document, n, to, out, failed, e))
		return false;
	out->v[0].bytes = "<!DOCTYPE html><title>y</title>";
	out->v[1] = out->v[--out->n];
	vec_push(to, failed, "digest.pdf: no font");
	return true;
}

static bool render_nothing(const char *document UNUSED, size_t n UNUSED, struct arena *to UNUSED,
			   struct artefacts *out UNUSED, struct strv *failed UNUSED, struct err *e)
{
	return err_set(e, ERR_PROTO, "not a digest");
}

static struct fixture start(void)
{
	struct fixture f = {.cfg = {.title = "Planning <Data>", .timezone = "Europe/London"}};
	struct err e = {0};
	static struct arena whole_run;
	static const char *base;
	static int n;
	if (!base)
		base = test_dir(&whole_run);
	const char *dir = arena_printf(&a, "%s/%d", base, n++);
	fail_at = calls = 0;
	f.cfg.archive = root = arena_printf(&a, "%s/archive", dir);
	struct audience everyone = {.name = "everyone"}, few = {.name = "board"};
	vec_push(&a, &f.cfg.audiences, everyone);
	vec_push(&a, &f.cfg.audiences, few);
	version(&f.versions, "program", "sitrep 0.1.0");
	version(&f.versions, "cairo", "1.16.0");
	assert_ok(store_open(arena_printf(&a, "%s/s.db", dir), STORE_WRITE, &f.db, &e), e);
	freeze(f.db, "2026-W46", "board", "tests/golden/digest-first.xml");
	freeze(f.db, "2026-W46", "everyone", "tests/golden/digest-normal.xml");
	freeze(f.db, "2026-W49", "everyone", "tests/golden/digest-quiet.xml");
	return f;
}

static void write_week(const struct fixture *f, const char *week)
{
	struct err e = {0};
	assert_ok(archive_write(f->db, &f->cfg, week, &f->versions, &e), e);
}

static const char *below(const char *name)
{
	return arena_printf(&a, "%s/%s", root, name);
}

static int stop(struct fixture *f)
{
	db_close(f->db);
	root = NULL;
	arena_release(&a);
	return 0;
}

static struct strv verify(const struct fixture *f, verify_renderer render)
{
	struct strv lines = {0};
	struct err e = {0};
	assert_ok(verify_week(f->db, &f->cfg, "2026-W46", &f->versions, render, &a, &lines, &e), e);
	return lines;
}

static void assert_line(const struct strv *lines, const char *part)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strstr(lines->v[i], part))
			return;
	for (size_t i = 0; i < lines->n; i++)
		print_error("%s\n", lines->v[i]);
	fail_msg("no line has \"%s\"", part);
}

static void a_week_has_its_files_and_a_manifest_that_lists_them(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	struct manifest m;
	size_t n, len;
	write_week(&f, "2026-W46");
	const char *text = test_read(&a, below("2026-W46/manifest.json"), &n);
	assert_ok(manifest_read(text, n, &a, &m, &e), e);
	assert_string_equal(m.week, "2026-W46");
	assert_string_equal(m.versions.values.v[1], "1.16.0");
	assert_int_equal(m.audiences.n, 2);
	const struct manifest_audience *x = manifest_audience(&m, "everyone");
	assert_int_equal(x->files.n, 7);
	assert_int_equal(manifest_file(x, "digest.pdf")->size, 6);
	assert_string_equal(manifest_file(x, "slack.json")->sha256,
			    "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945");
	assert_memory_equal(test_read(&a, below("2026-W46/everyone/digest.pdf"), &n), "%PDF\0x", 6);
	assert_int_equal(n, 6);
	const char *frozen = test_read(&a, "tests/golden/digest-normal.xml", &n),
		   *kept = test_read(&a, below("2026-W46/everyone/digest.xml"), &len);
	assert_int_equal(n, len);
	assert_memory_equal(frozen, kept, n);
	stop(&f);
}

static void writing_again_touches_no_file(void **state UNUSED)
{
	static const char *const files[] = {"index.html", "feed.xml", "2026-W46/manifest.json",
					    "2026-W46/everyone/page.html",
					    "2026-W46/board/digest.xml"};
	struct stat before[ARRAY_SIZE(files)], after;
	struct fixture f = start();
	write_week(&f, "2026-W46");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(stat(below(files[i]), &before[i]), 0);
	f.versions.values.v[1] = "1.18.0"; /* the bytes are still those of 1.16.0 */
	write_week(&f, "2026-W46");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		assert_int_equal(stat(below(files[i]), &after), 0);
		assert_int_equal(after.st_ino, before[i].st_ino);
		assert_int_equal(after.st_mtim.tv_nsec, before[i].st_mtim.tv_nsec);
	}
	stop(&f);
}

static void
a_new_freeze_replaces_the_files_and_takes_away_what_it_no_longer_has(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	struct frozen d;
	struct artefacts one = {0};
	bool found;
	size_t n;
	write_week(&f, "2026-W46");
	assert_true(file_exists(below("2026-W46/everyone/mail.eml")));
	assert_ok(digests_get(f.db, "2026-W46", "everyone", &a, &d, &found, &e), e);
	const struct artefact page = {"page.html", "text/html", "new", 3};
	vec_push(&a, &one, page);
	assert_ok(digests_put_artefacts(f.db, d.id, &one, &e), e);
	f.versions.values.v[1] = "1.18.0";
	write_week(&f, "2026-W46");
	assert_string_equal(test_read(&a, below("2026-W46/everyone/page.html"), &n), "new");
	assert_false(file_exists(below("2026-W46/everyone/mail.eml")));
	assert_true(file_exists(below("2026-W46/everyone/digest.xml")));
	struct manifest m;
	const char *text = test_read(&a, below("2026-W46/manifest.json"), &n);
	assert_ok(manifest_read(text, n, &a, &m, &e), e);
	assert_string_equal(manifest_audience(&m, "everyone")->versions.values.v[1], "1.18.0");
	assert_string_equal(manifest_audience(&m, "board")->versions.values.v[1], "1.16.0");
	stop(&f);
}

static size_t strangers(const char *dir)
{
	size_t n = 0;
	DIR *d = opendir(dir);
	for (const struct dirent *x; d && (x = readdir(d));)
		n += x->d_name[0] == '.' && strcmp(x->d_name, ".") != 0 &&
		     strcmp(x->d_name, "..") != 0;
	if (d)
		closedir(d);
	return n;
}

static void any_write_may_fail_and_the_next_run_completes_the_week(void **state UNUSED)
{
	int n = 1;
	for (;; n++) {
		struct fixture f = start();
		struct err e = {0};
		fail_at = n;
		bool ok = archive_write(f.db, &f.cfg, "2026-W46", &f.versions, &e);
		fail_at = 0;
		if (!ok) {
			assert_int_equal(e.kind, ERR_IO);
			assert_true(text_starts(e.msg, "archive: could not "));
			assert_int_equal(strangers(root), 0);
			assert_int_equal(strangers(below("2026-W46")), 0);
			assert_int_equal(strangers(below("2026-W46/everyone")), 0);
			write_week(&f, "2026-W46");
		}
		struct strv lines = verify(&f, render_same);
		assert_int_equal(lines.n, 0);
		assert_true(file_exists(below("index.html")) && file_exists(below("feed.xml")));
		stop(&f);
		if (ok)
			break;
	}
	assert_true(n > 3 * 17); /* fsync, rename and fsync of each file */
}

static void verify_is_silent_about_a_week_as_it_was_written(void **state UNUSED)
{
	struct fixture f = start();
	write_week(&f, "2026-W46");
	assert_int_equal(verify(&f, render_same).n, 0);
	stop(&f);
}

static void verify_finds_one_flipped_bit_in_any_file(void **state UNUSED)
{
	static const char *const names[] = {"page.html",  "digest.pdf", "digest.json",
					    "digest.xml", "mail.eml",	"slack.json"};
	struct fixture f = start();
	struct err e = {0};
	write_week(&f, "2026-W46");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n;
		const char *path = below(arena_printf(&a, "2026-W46/everyone/%s", names[i]));
		const char *good = test_read(&a, path, &n);
		char *bad = arena_memdup(&a, good, n);
		bad[n / 2] ^= 1;
		assert_ok(file_write(path, bad, n, 0644, &e), e);
		struct strv lines = verify(&f, render_same);
		assert_int_equal(lines.n, 1);
		assert_line(&lines, arena_printf(&a,
						 "everyone/%s: the file is not what was "
						 "written",
						 names[i]));
		assert_ok(file_write(path, good, n, 0644, &e), e);
	}
	stop(&f);
}

static void verify_names_what_is_missing_differs_or_was_made_by_others(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	struct strv lines = verify(&f, render_same);
	assert_int_equal(lines.n, 1);
	assert_line(&lines, "manifest.json: could not read");
	write_week(&f, "2026-W46");
	lines = verify(&f, render_other);
	assert_line(&lines, "everyone/page.html: rendered anew it differs from byte 22 on");
	assert_line(&lines, "everyone: digest.pdf: no font");
	assert_line(&lines, "everyone/digest.pdf: could not be rendered anew");
	lines = verify(&f, render_nothing);
	assert_line(&lines, "board: cannot be rendered: not a digest");
	f.versions.values.v[1] = "1.18.0";
	lines = verify(&f, render_same);
	assert_int_equal(lines.n, 1);
	assert_line(&lines, "version of cairo: made with \"1.16.0\", here is \"1.18.0\"");
	assert_int_equal(unlink(below("2026-W46/everyone/digest.txt")), 0);
	lines = verify(&f, render_same);
	assert_line(&lines, "everyone/digest.txt: could not read");
	freeze(f.db, "2026-W46", "late", "tests/golden/digest-quiet.xml");
	freeze(f.db, "2026-W46", "board", "tests/golden/digest-quiet.xml");
	lines = verify(&f, render_same);
	assert_line(&lines, "late: is in the store, but not in the manifest");
	assert_line(&lines, "board: the store has another document than the archive");
	assert_ok(file_write(below("2026-W46/manifest.json"), "{\"week\":1}", 10, 0644, &e), e);
	lines = verify(&f, render_same);
	assert_line(&lines, "manifest.json: week: expected");
	struct strv none = {0};
	assert_err(verify_week(f.db, &f.cfg, "2020-W01", &f.versions, render_same, &a, &none, &e),
		   e, ERR_USAGE, "no digest of 2020-W01");
	stop(&f);
}

static const char *page_text(const struct xml *x, const char *path)
{
	const char *s = xml_find_text(x, NULL, path, &a);
	return s ? s : "";
}

static void the_index_has_each_week_its_verdict_numbers_links_and_gaps(void **state UNUSED)
{
	struct fixture f = start();
	size_t n;
	freeze(f.db, "2026-W44", "everyone", "tests/golden/digest-quiet.xml");
	write_week(&f, "2026-W46");
	const char *html = test_read(&a, below("index.html"), &n);
	CLEANUP(xml_freep) struct xml *x = xml_parse_html(html, n);
	struct xnodes found = {0};
	xml_find(x, NULL, "//article", &a, &found);
	assert_int_equal(found.n, 3);
	assert_string_equal(xml_get(found.v[0], "id", &a), "w2026-W49");
	assert_string_equal(xml_get(found.v[1], "id", &a), "w2026-W46");
	assert_string_equal(page_text(x, "//title"), "Planning <Data>: all weeks");
	assert_non_null(strstr(page_text(x, "//article[@id='w2026-W46']//p[@class='say']"),
			       "Two things are broken"));
	/* The audience that the configuration names first speaks for the week. */
	assert_string_equal(page_text(x, "//article[@id='w2026-W46']//h3/a/@href"),
			    "2026-W46/everyone/page.html");
	assert_string_equal(page_text(x, "//article[@id='w2026-W46']//dl/div[1]/dd/b"), "14");
	assert_string_equal(page_text(x, "//article[@id='w2026-W46']//dl/div[4]/dd/b"), "≥ 7");
	assert_string_equal(
		page_text(x, "//article[@id='w2026-W46']//dl/div[4]/dd/span[@class='tag orange']"),
		"Incomplete");
	assert_non_null(strstr(page_text(x, "//article[@id='w2026-W46']//ul[@class='cov']"),
			       "10 of 12 repositories"));
	assert_null(strstr(html, "What this digest does not know")); /* a link inside the digest */
	found = (struct xnodes){0};
	xml_find(x, NULL, "//article[@id='w2026-W46']//p[@class='files']", &a, &found);
	assert_int_equal(found.n, 2);
	found = (struct xnodes){0};
	xml_find(x, NULL, "//p[@class='gap']", &a, &found);
	assert_int_equal(found.n, 3); /* W48, W47 and W45 */
	found = (struct xnodes){0};
	xml_find(x, NULL, "//a[@href]", &a, &found);
	for (size_t i = 0; i < found.n; i++) { /* every link leads somewhere */
		const char *to = xml_get(found.v[i], "href", &a);
		if (text_starts(to, "2026-W46/"))
			assert_true(file_exists(below(to)));
	}
	stop(&f);
}

static void the_feed_is_one_stable_entry_a_week(void **state UNUSED)
{
	struct fixture f = start();
	size_t n;
	write_week(&f, "2026-W46");
	const char *text = test_read(&a, below("feed.xml"), &n);
	assert_non_null(strstr(text, "<feed xmlns=\"http://www.w3.org/2005/Atom\">"));
	assert_non_null(strstr(text, "<title>Planning &lt;Data&gt;</title>"));
	assert_non_null(strstr(text, "href=\"2026-W46/everyone/page.html\""));
	assert_null(strstr(text, "board"));
	CLEANUP(xml_freep) struct xml *x = NULL;
	struct err e = {0};
	struct xnodes ids = {0};
	assert_ok(xml_parse(text, n, "feed", &x, &e), e);
	xml_find(x, NULL, "//*[local-name()='entry']/*[local-name()='id']", &a, &ids);
	assert_int_equal(ids.n, 2);
	const char *id = xml_content(ids.v[1], &a);
	assert_int_equal(strlen(id), strlen("urn:uuid:00000000-0000-8000-8000-000000000000"));
	freeze(f.db, "2026-W50", "everyone", "tests/golden/digest-quiet.xml");
	f.cfg.audiences.n = 1;
	write_week(&f, "2026-W50");
	assert_non_null(strstr(test_read(&a, below("feed.xml"), &n), id));
	f.cfg.archive_url = "https://example.org/sitrep/";
	write_week(&f, "2026-W50");
	text = test_read(&a, below("feed.xml"), &n);
	assert_non_null(
		strstr(text, "href=\"https://example.org/sitrep/2026-W46/everyone/page.html\""));
	assert_non_null(strstr(text, "href=\"https://example.org/sitrep/feed.xml\""));
	stop(&f);
}

static void a_document_that_cannot_be_read_is_said_on_the_index(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	struct frozen d;
	struct numbers none = {0};
	struct items nothing = {0};
	size_t n;
	assert_ok(digests_freeze(f.db, "2026-W50", "everyone", "<digest", 7, "sitrep 0.1.0", &none,
				 &nothing, 1794825000, &a, &d, &e),
		  e);
	write_week(&f, "2026-W50");
	const char *html = test_read(&a, below("index.html"), &n);
	assert_non_null(strstr(html, "This digest cannot be read"));
	assert_non_null(strstr(html, "Two things are broken"));
	stop(&f);
}

static void what_the_real_renderers_made_is_made_again_to_the_byte(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	struct frozen d;
	struct artefacts made = {0};
	struct strv failed = {0}, lines = {0};
	bool found;
	assert_ok(digests_get(f.db, "2026-W49", "everyone", &a, &d, &found, &e), e);
	assert_ok(render_all(d.document, d.document_len, &a, &made, &failed, &e), e);
	for (size_t i = 0; i < failed.n; i++)
		print_error("%s\n", failed.v[i]);
	assert_int_equal(failed.n, 0);
	assert_ok(digests_put_artefacts(f.db, d.id, &made, &e), e);
	write_week(&f, "2026-W49");
	assert_ok(archive_verify(f.db, &f.cfg, "2026-W49", &f.versions, &a, &lines, &e), e);
	for (size_t i = 0; i < lines.n; i++)
		print_error("%s\n", lines.v[i]);
	assert_int_equal(lines.n, 0);
	stop(&f);
}

static void weeks_that_are_not_kept_leave_but_nobody_elses_files(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	freeze(f.db, "2026-W44", "everyone", "tests/golden/digest-quiet.xml");
	write_week(&f, "2026-W44");
	write_week(&f, "2026-W46");
	write_week(&f, "2026-W49");
	assert_ok(file_write(below("2026-W46/everyone/notes.txt"), "mine", 4, 0644, &e), e);
	assert_ok(file_mkdirs(below("2026-W40"), &e), e);
	assert_ok(archive_prune(&f.cfg, "2026-W49", &e), e);
	assert_false(file_exists(below("2026-W44")));
	assert_false(file_exists(below("2026-W46/board")));
	assert_false(file_exists(below("2026-W46/everyone/page.html")));
	assert_true(file_exists(below("2026-W46/everyone/notes.txt")));
	assert_true(file_exists(below("2026-W40")));
	assert_true(file_exists(below("2026-W49/everyone/page.html")));
	f.cfg.archive = "/nowhere/archive";
	assert_ok(archive_prune(&f.cfg, "2026-W49", &e), e);
	stop(&f);
}

static void nothing_frozen_is_a_usage_error_and_an_artefact_is_found_by_name(void **state UNUSED)
{
	struct fixture f = start();
	struct err e = {0};
	const char *bytes;
	size_t n;
	bool found;
	assert_err(archive_write(f.db, &f.cfg, "2020-W01", &f.versions, &e), e, ERR_USAGE,
		   "no digest of 2020-W01");
	assert_false(file_exists(root));
	err_clear(&e);
	assert_ok(digests_artefact(f.db, "2026-W46", "board", "digest.pdf", &a, &bytes, &n, &found,
				   &e),
		  e);
	assert_true(found && n == 6 && !memcmp(bytes, "%PDF\0x", 6));
	assert_ok(digests_artefact(f.db, "2026-W46", "board", "no.pdf", &a, &bytes, &n, &found, &e),
		  e);
	assert_false(found);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_week_has_its_files_and_a_manifest_that_lists_them),
		cmocka_unit_test(writing_again_touches_no_file),
		cmocka_unit_test(
			a_new_freeze_replaces_the_files_and_takes_away_what_it_no_longer_has),
		cmocka_unit_test(any_write_may_fail_and_the_next_run_completes_the_week),
		cmocka_unit_test(verify_is_silent_about_a_week_as_it_was_written),
		cmocka_unit_test(verify_finds_one_flipped_bit_in_any_file),
		cmocka_unit_test(verify_names_what_is_missing_differs_or_was_made_by_others),
		cmocka_unit_test(the_index_has_each_week_its_verdict_numbers_links_and_gaps),
		cmocka_unit_test(the_feed_is_one_stable_entry_a_week),
		cmocka_unit_test(a_document_that_cannot_be_read_is_said_on_the_index),
		cmocka_unit_test(what_the_real_renderers_made_is_made_again_to_the_byte),
		cmocka_unit_test(weeks_that_are_not_kept_leave_but_nobody_elses_files),
		cmocka_unit_test(nothing_frozen_is_a_usage_error_and_an_artefact_is_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
