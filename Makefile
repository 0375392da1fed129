# One Makefile, no recursion into folders. Variants live side by side: make V=asan test-built
#   make            the optimised program at build/sitrep
#   make demo       installs what is missing, builds, runs the whole weekly job against loopback services
#   make test       installs what is missing, builds, runs every test
#   make check      layers, header cycles, headers compile alone        make bench   figures
#   make fuzz       libFuzzer (clang) over every tests/fuzz/fuzz_*.c, FUZZ_TIME seconds each
V       ?= release
CC      ?= cc
PREFIX  ?= /usr/local
B       := build/$(V)
VERSION := 0.1.0

PKGS     := libcurl sqlite3 libcjson libxml-2.0 libxslt cairo pangocairo libqpdf yaml-0.1 gmime-3.0 libarchive libcrypto glib-2.0
TESTPKGS := cmocka libmicrohttpd libssl

WARN := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
        -Wold-style-definition -Wpointer-arith -Wvla -Wwrite-strings -Wswitch-enum -Wundef -Wnull-dereference \
        -Wno-overlength-strings -fno-common
CFLAGS.debug   := -O1 -g
# At -O2 gcc follows paths that cannot happen (a flag and the pointer it guards) and warns of them; the debug build keeps both warnings.
CFLAGS.release := -Wno-null-dereference -Wno-maybe-uninitialized -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS.asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS.cov     := -O0 -g --coverage
CFLAGS.fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS.release := -pie -Wl,-z,relro,-z,now
LDFLAGS.asan   := -fsanitize=address,undefined
LDFLAGS.cov    := --coverage
LDFLAGS.fuzz   := -fsanitize=address,undefined
ifeq ($(filter $(V),debug release asan cov fuzz),)
$(error V must be debug, release, asan, cov or fuzz, not '$(V)')
endif

# Evaluated when a compiler is run, not before the packages are there. Their headers are system headers: their warnings are not ours.
pkgcflags = $(shell pkg-config --cflags $(1) 2>/dev/null | sed 's/-I/-isystem /g')
PKGCFLAGS := $(call pkgcflags,$(PKGS) $(TESTPKGS))
ALLCFLAGS = -std=gnu11 $(WARN) $(CFLAGS.$(V)) $(CFLAGS)
CPPFLAGS += -D_GNU_SOURCE -DSITREP_VERSION='"$(VERSION)"' -Isrc -I$(B) $(PKGCFLAGS)
LDLIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm

SRC   := $(filter-out src/gen/%,$(sort $(wildcard src/*/*.c))) # src/gen holds the build tool
OBJ   := $(SRC:%.c=$(B)/%.o)
LIB   := $(B)/libsitrep.a
TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
TOBJ  := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/support/*.c)))
SERVICES := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/services/*.c)))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(sort $(wildcard tests/bench/bench_*.c)))
FUZZ  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
GEN   := $(addprefix $(B)/gen/,queries.h migrations.h reports.h)
PROGRAM := $(if $(filter release,$(V)),build/sitrep,$(B)/sitrep)

.PHONY: all demo demo-built test test-built check check-headers format cppcheck bench bench-built fuzz fuzz-built install clean deps FORCE
.SECONDARY:
.DELETE_ON_ERROR:
all: $(PROGRAM)

$(PROGRAM): $(B)/src/app/main.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS.$(V)) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(LIB): $(filter-out $(B)/src/app/main.o,$(OBJ))
	@rm -f $@
	@$(AR) rcs $@ $^
$(B)/%.o: %.c $(B)/.flags | $(GEN)
	@mkdir -p $(@D)
	$(if $(VERBOSE),,@echo "  cc $<";)$(CC) $(CPPFLAGS) $(ALLCFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/unit/%.o $(B)/tests/support/%.o $(B)/tests/services/%.o $(B)/tests/bench/%.o: CPPFLAGS += -Itests
$(B)/tests/%: $(B)/tests/unit/%.o $(TOBJ) $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS.$(V)) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(TESTPKGS)) $(LDLIBS)
$(B)/bench/%: $(B)/tests/bench/%.o $(TOBJ) $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS.$(V)) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(TESTPKGS)) $(LDLIBS)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	@$(CC) -fsanitize=fuzzer $(LDFLAGS.$(V)) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/services: $(SERVICES) $(B)/tests/support/zips.o $(LIB)
	@$(CC) $(LDFLAGS.$(V)) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(TESTPKGS)) $(LDLIBS)

build/embed: src/gen/embed.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O1 -Wall -Wextra -Werror -o $@ $<
$(B)/gen/queries.h: $(sort $(wildcard schema/queries/*.sql)) build/embed
	@mkdir -p $(@D)
	@build/embed queries $(filter %.sql,$^) > $@
$(B)/gen/migrations.h: $(sort $(wildcard schema/migrations/*.sql)) schema/views.sql build/embed
	@mkdir -p $(@D)
	@build/embed blobs migrations $(filter schema/migrations/%,$^) > $@
	@build/embed blobs views schema/views.sql >> $@
$(B)/gen/reports.h: $(sort $(wildcard reports/*)) build/embed
	@mkdir -p $(@D)
	@build/embed blobs reports $(filter reports/%,$^) > $@

# Rebuild everything when the flags change, and only then.
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(ALLCFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(ALLCFLAGS)' > $@
FORCE:

# The outer targets install packages first, so the inner make sees them.
JOBS := $(shell nproc 2>/dev/null || echo 2)
deps:
	@sh tests/deps.sh
demo: deps
	@$(MAKE) --no-print-directory -j$(JOBS) demo-built
test: deps
	@$(MAKE) --no-print-directory -j$(JOBS) V=debug test-built
bench: deps
	@$(MAKE) --no-print-directory -j$(JOBS) V=release bench-built
fuzz: deps
	@$(MAKE) --no-print-directory -j$(JOBS) V=fuzz CC=clang fuzz-built
demo-built: $(PROGRAM) $(B)/services
	@sh tests/demo.sh $(PROGRAM) $(B)/services
test-built: $(PROGRAM) $(if $(SERVICES),$(B)/services) $(TESTS)
	@B=$(B) PROGRAM=$(PROGRAM) bash tests/run.sh $(TESTS)
bench-built: $(PROGRAM) $(if $(SERVICES),$(B)/services) $(BENCH)
	@B=$(B) PROGRAM=$(PROGRAM) bash tests/bench/run.sh $(BENCH)
# What a run finds is kept in build/corpus, where the next run starts; the repository's corpus is only read.
FUZZ_TIME ?= 60
fuzz-built: $(FUZZ)
	@for f in $(FUZZ); do c=$${f##*/fuzz_}; mkdir -p build/corpus/$$c build/crashes; \
	  $$f -max_total_time=$(FUZZ_TIME) -timeout=10 -rss_limit_mb=2048 -artifact_prefix=build/crashes/ -print_final_stats=1 \
	    build/corpus/$$c tests/fuzz/corpus/$$c || exit 1; done

check: check-headers
	@sh tests/check-layers.sh
HDRS := $(sort $(wildcard src/*/*.h))
check-headers: $(GEN)
	@for h in $(HDRS); do echo "#include \"$${h#src/}\"" | $(CC) $(CPPFLAGS) -std=gnu11 $(WARN) -Wno-unused -Wno-pedantic -fsyntax-only -xc - || exit 1; done
format:
	@clang-format --dry-run -Werror $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]')
cppcheck:
	@cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 \
	  --suppress=missingIncludeSystem --suppress=checkersReport -Isrc -j$(JOBS) src

install: $(PROGRAM)
	install -D -m 0755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/sitrep
clean:
	rm -rf build

-include $(OBJ:.o=.d) $(TESTS:$(B)/tests/%=$(B)/tests/unit/%.d) $(TOBJ:.o=.d) $(SERVICES:.o=.d) $(BENCH:$(B)/bench/%=$(B)/tests/bench/%.d) $(FUZZ:$(B)/fuzz/%=$(B)/tests/fuzz/%.d)
