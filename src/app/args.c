#include "app/args.h"

const char *args_get(const struct args *args, const char *name)
{
	for (size_t i = 0; i < args->options.n; i++)
		if (!strcmp(args->options.v[i].name, name))
			return args->options.v[i].value;
	return NULL;
}

bool args_parse(int argc, char **argv, const struct arg_spec *spec, struct arena *a,
		struct args *out, struct err *e)
{
	bool options = true;
	for (int i = 0; i < argc; i++) {
		const char *s = argv[i];
		if (!options || s[0] != '-' || !strcmp(s, "-")) {
			vec_push(a, &out->words, s);
			continue;
		}
		if (!strcmp(s, "--")) {
			options = false;
			continue;
		}
		const char *eq = strchr(s, '=');
		size_t n = eq ? (size_t)(eq - s) : strlen(s);
		const struct arg_spec *hit = NULL;
		for (const struct arg_spec *p = spec; p && p->name; p++)
			if (!strncmp(s, "--", 2) && strlen(p->name) == n - 2 &&
			    !strncmp(p->name, s + 2, n - 2))
				hit = p;
		if (!hit)
			return err_set(e, ERR_USAGE, "unknown option \"%.*s\"", (int)n, s);
		if (args_get(out, hit->name))
			return err_set(e, ERR_USAGE, "option --%s is given twice", hit->name);
		struct arg arg = {.name = hit->name, .value = ""};
		if (hit->value) {
			if (!eq && i + 1 >= argc)
				return err_set(e, ERR_USAGE, "option --%s needs a value: %s",
					       hit->name, hit->value);
			arg.value = eq ? eq + 1 : argv[++i];
		} else if (eq) {
			return err_set(e, ERR_USAGE, "option --%s takes no value", hit->name);
		}
		vec_push(a, &out->options, arg);
	}
	return true;
}
