# ootspg: build with PGXS. `make demo` and `make test` do everything on a fresh machine.

EXTENSION    := ootspg
EXTVERSION   := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" ootspg.control)
MODULE_big   := ootspg

SOURCES      := $(sort $(wildcard src/*.c src/*/*.c))
OBJS         := $(SOURCES:.c=.o)

# The extension script is written in readable parts, named in their order in sql/ootspg/order and joined here.
# The update from the last release follows from them and from what sql/update says by hand (sql/update/step).
SQL_PARTS    := $(addprefix sql/ootspg/,$(shell sed -n 's/^\([^\#][^[:space:]]*\).*/\1/p' sql/ootspg/order))
SQL_SCRIPT   := sql/ootspg--$(EXTVERSION).sql
LAST_RELEASE := 0.2.0
SQL_UPDATE   := sql/ootspg--$(LAST_RELEASE)--$(EXTVERSION).sql
UPDATE_PARTS := $(sort $(wildcard sql/update/$(LAST_RELEASE)--$(EXTVERSION)/*.sql))
DATA_built   := $(SQL_SCRIPT) $(SQL_UPDATE)
DATA         := $(filter-out $(DATA_built),$(wildcard sql/ootspg--*.sql))

PKG_CONFIG   ?= pkg-config
LIBRARIES    := libxml-2.0 xmlsec1-openssl libcrypto libcurl libcares zlib
GOALS        := $(or $(MAKECMDGOALS),all)

# A module of its own writes PDF: a server without its libraries serves everything else, and so does a machine that builds without them.
DOCUMENT_LIBRARIES := harfbuzz harfbuzz-subset fribidi zlib
DOCUMENT_MODULE := ootspg_document.so
DOCUMENT_OBJS := $(patsubst %.c,%.o,$(wildcard src/document/pdf/*.c))

# `make X` runs the command test/bin/run-X, which installs what is missing and
# builds in a throw-away copy: these must work before anything else is there.
COMMANDS     := $(patsubst test/bin/run-%,%,$(wildcard test/bin/run-*))

# The access point the tests talk to is a program of its own: neither part of the
# extension nor installed, and built without PostgreSQL.
LOOPBACK     := test/build/loopback
LOOPBACK_OBJS := $(patsubst test/loopback/%.c,test/build/objects/%.o,$(wildcard test/loopback/*.c))
LOOPBACK_LIBRARIES := libmicrohttpd libxml-2.0 gnutls
LOOPBACK_CFLAGS ?= -O2

# So is the directory service, which takes the loopback's files that know nothing of access points.
DIRECTORY    := test/build/directory-service
DIRECTORY_OBJS := $(patsubst test/directory/%.c,test/build/objects/directory/%.o,$(wildcard test/directory/*.c)) \
	$(patsubst %,test/build/objects/%.o,base listen node stream)
DIRECTORY_LIBRARIES := $(LOOPBACK_LIBRARIES) libcrypto

# Each target of test/fuzz is a program of its own: the readers of src as they are, with clang's libFuzzer and
# sanitizers, and instead of the server test/fuzz/backend*.c and what libpgcommon has.
FUZZ_CC      ?= clang
FUZZ_CFLAGS  ?= -O1 -g
FUZZ_FLAGS   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -Wno-ignored-attributes
FUZZ_SHARED  := backend backend_more harness keys
FUZZ_TARGETS := $(filter-out $(FUZZ_SHARED),$(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/*.c)))
FUZZ_SOURCES := $(filter-out %_sql.c src/seal/sql.c src/accesspoint/sql.c src/directory/answer_rows.c src/directory/filing.c, \
	$(wildcard src/xml/*.c src/message/*.c src/pdf/*.c src/seal/*.c src/accesspoint/*.c src/directory/*.c)) \
	$(patsubst %,src/evidence/%.c,name name_fold name_key name_table media media_fault) $(patsubst %,src/document/%.c,picture drawing path) src/dns/naptr.c src/audit/subject_key.c src/unicode.c src/uuid.c
FUZZ_OBJECTS := test/build/objects/fuzz
FUZZ_LIBRARY := $(FUZZ_OBJECTS)/readers.a

# The program that shows users what is about to leave: built and installed with the extension where its libraries
# are, never loaded into the server. The texts, style sheet and script lie in it.
PREVIEW_PROGRAM   := ootspg-preview
PREVIEW_DIRECTORY := src/programs/preview
PREVIEW_BUILD     := build/preview
PREVIEW_OBJS      := $(patsubst $(PREVIEW_DIRECTORY)/%.c,$(PREVIEW_BUILD)/%.o,$(wildcard $(PREVIEW_DIRECTORY)/*.c))
PREVIEW_LIBRARIES := libmicrohttpd gnutls libpq

# The program with which auditors check and read exports, on machines without a server: OpenSSL and zlib are all it needs.
AUDIT_PROGRAM   := ootspg-audit
AUDIT_DIRECTORY := src/programs/audit
AUDIT_BUILD     := build/audit
AUDIT_OBJS      := $(patsubst $(AUDIT_DIRECTORY)/%.c,$(AUDIT_BUILD)/%.o,$(wildcard $(AUDIT_DIRECTORY)/*.c)) $(AUDIT_BUILD)/json.o $(AUDIT_BUILD)/memory.o
AUDIT_LIBRARIES := libcrypto zlib

UNBUILT      := $(COMMANDS) loopback directory-service requester help print-%

# Targets that build nothing themselves must work before the libraries are there.
ifneq ($(filter-out $(UNBUILT) clean,$(GOALS)),)
  ifneq ($(shell $(PKG_CONFIG) --exists $(LIBRARIES) && echo yes),yes)
    $(error ootspg needs the development files of: $(LIBRARIES) (Debian: libxml2-dev libxmlsec1-dev libssl-dev libcurl4-openssl-dev libc-ares-dev zlib1g-dev pkg-config))
  endif
endif

PG_CPPFLAGS  := -Isrc -DOOTSPG_VERSION='"$(EXTVERSION)"' $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
# What a later compiler or library warns of breaks our own builds only (WARNINGS=-Werror, test/bin/lib.sh).
WARNINGS     ?=
# The server's own headers are not clean under these, and C17 lets declarations stand where they are needed.
PG_CFLAGS    := -std=gnu17 -Wall -Wextra $(WARNINGS) -Wno-declaration-after-statement -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers
SHLIB_LINK   := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null)

# In the order of the story: bytes, rules, names, documents, whole exchanges, then the directories.
REGRESS      := install \
	xml \
	rules_request \
	rules_response \
	rules_error \
	names \
	document \
	readable \
	configuration \
	configuration_document \
	null_arguments \
	registry_types \
	registry_watch \
	requestable \
	answer \
	deferral \
	kept \
	rows \
	accepted \
	preview \
	preview_ambiguity \
	preview_authentication \
	rehearse \
	audit \
	gateway \
	privileges \
	submission_rules \
	answer_rules \
	submission \
	fragments \
	model_deadline \
	code_lists \
	activation_on_acceptance \
	directory_answer \
	broker_answer
REGRESS_OPTS := --inputdir=.

EXTRA_CLEAN  := $(DATA_built) test/build build $(PREVIEW_PROGRAM) $(AUDIT_PROGRAM) $(DOCUMENT_MODULE) $(DOCUMENT_OBJS)

PG_CONFIG    ?= pg_config
# Bitcode would need clang; nothing here is worth inlining into queries.
override with_llvm := no
ifneq ($(filter-out $(UNBUILT),$(GOALS)),)
  PGXS       := $(shell $(PG_CONFIG) --pgxs)
  include $(PGXS)
endif

# Run by test/t/002_isolation.pl on test/specs, in a database with its registry: PGXS,
# whose installcheck would run them without, does not see them here.
ISOLATION    := same_request \
	same_promise \
	other_requests \
	partitions \
	configuration \
	kept_configuration \
	snapshot \
	purge \
	duty_revoked \
	apply_configuration \
	operators \
	preview

$(SQL_SCRIPT): $(SQL_PARTS) sql/ootspg/order ootspg.control
	cat $(SQL_PARTS) > $@.tmp && mv $@.tmp $@

$(SQL_UPDATE): $(UPDATE_PARTS) $(SQL_PARTS) sql/ootspg/order sql/update/step sql/ootspg--$(LAST_RELEASE).sql ootspg.control
	sql/update/step $(LAST_RELEASE) $(UPDATE_PARTS) > $@.tmp && mv $@.tmp $@

# Any header may concern any object; the whole build takes seconds.
$(OBJS): $(wildcard src/*.h src/*/*.h)
$(DOCUMENT_OBJS): $(wildcard src/*.h src/*/*.h src/document/pdf/*.h)

ifeq ($(shell $(PKG_CONFIG) --exists $(DOCUMENT_LIBRARIES) && echo yes),yes)
all: $(DOCUMENT_MODULE)
install: install-document-module
else
all: without-document-module
endif

$(DOCUMENT_OBJS): override CPPFLAGS += $(shell $(PKG_CONFIG) --cflags $(DOCUMENT_LIBRARIES) 2>/dev/null)

$(DOCUMENT_MODULE): $(DOCUMENT_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) $(LDFLAGS_SL) -shared -o $@ $^ $$($(PKG_CONFIG) --libs $(DOCUMENT_LIBRARIES)) -lm

.PHONY: install-document-module without-document-module
install-document-module: $(DOCUMENT_MODULE) installdirs
	$(INSTALL_SHLIB) $< '$(DESTDIR)$(pkglibdir)/'

without-document-module:
	@echo 'ootspg: without PDF documents, which need: $(DOCUMENT_LIBRARIES) (Debian: libharfbuzz-dev libfribidi-dev zlib1g-dev)'

.PHONY: preview install-preview uninstall-preview
ifeq ($(shell $(PKG_CONFIG) --exists $(PREVIEW_LIBRARIES) && echo yes),yes)
preview: $(PREVIEW_PROGRAM)

install-preview: $(PREVIEW_PROGRAM)
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) $(PREVIEW_PROGRAM) '$(DESTDIR)$(bindir)'
else
preview install-preview:
	@echo 'ootspg-preview, the program that shows users their evidence, is left out: it needs the development files of $(PREVIEW_LIBRARIES) (Debian: libmicrohttpd-dev libpq-dev)'
endif

uninstall-preview:
	rm -f '$(DESTDIR)$(bindir)/$(PREVIEW_PROGRAM)'

all: preview
install: install-preview
uninstall: uninstall-preview

$(PREVIEW_PROGRAM): $(PREVIEW_OBJS)
	$(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS) $$($(PKG_CONFIG) --libs $(PREVIEW_LIBRARIES))

# The server's flags and our warnings, but none of its headers
$(PREVIEW_BUILD)/%.o: $(PREVIEW_DIRECTORY)/%.c $(wildcard $(PREVIEW_DIRECTORY)/*.h $(PREVIEW_DIRECTORY)/*.def)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -pthread -DOOTSPG_VERSION='"$(EXTVERSION)"' -DPREVIEW_SOURCES='"$(PREVIEW_DIRECTORY)"' \
		$$($(PKG_CONFIG) --cflags $(PREVIEW_LIBRARIES)) -c -o $@ $<

$(PREVIEW_BUILD)/embedded.o: $(wildcard $(PREVIEW_DIRECTORY)/po/*.po $(PREVIEW_DIRECTORY)/assets/*)

.PHONY: audit install-audit uninstall-audit
audit: $(AUDIT_PROGRAM)
all: audit
install: install-audit
uninstall: uninstall-audit

install-audit: $(AUDIT_PROGRAM)
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) $(AUDIT_PROGRAM) '$(DESTDIR)$(bindir)'

uninstall-audit:
	rm -f '$(DESTDIR)$(bindir)/$(AUDIT_PROGRAM)'

$(AUDIT_PROGRAM): $(AUDIT_OBJS)
	$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS) $$($(PKG_CONFIG) --libs $(AUDIT_LIBRARIES))

# It reads JSON as the preview program does; an export has more of it than a request.
AUDIT_COMPILE = $(CC) $(CFLAGS) -D_GNU_SOURCE -DMOST_VALUES=20000000 -DOOTSPG_VERSION='"$(EXTVERSION)"' -I$(PREVIEW_DIRECTORY) $$($(PKG_CONFIG) --cflags $(AUDIT_LIBRARIES)) -c -o $@ $<

$(AUDIT_BUILD)/%.o: $(AUDIT_DIRECTORY)/%.c $(wildcard $(AUDIT_DIRECTORY)/*.h)
	@mkdir -p $(@D)
	$(AUDIT_COMPILE)

$(AUDIT_BUILD)/json.o $(AUDIT_BUILD)/memory.o: $(AUDIT_BUILD)/%.o: $(PREVIEW_DIRECTORY)/%.c $(wildcard $(PREVIEW_DIRECTORY)/*.h)
	@mkdir -p $(@D)
	$(AUDIT_COMPILE)

.PHONY: loopback
loopback: $(LOOPBACK)

$(LOOPBACK): $(LOOPBACK_OBJS)
	$(CC) $(LOOPBACK_CFLAGS) -pthread -o $@ $^ $$($(PKG_CONFIG) --libs $(LOOPBACK_LIBRARIES))

# The far side of a load, for the benchmark and the test of memory
.PHONY: requester
requester: test/build/requester

test/build/requester: test/bench/requester.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra $(WARNINGS) $$($(PKG_CONFIG) --cflags libcurl libcrypto) -o $@ $< $$($(PKG_CONFIG) --libs libcurl libcrypto)

test/build/objects/%.o: test/loopback/%.c $(wildcard test/loopback/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE $(LOOPBACK_CFLAGS) -Wall -Wextra $(WARNINGS) -pthread $$($(PKG_CONFIG) --cflags $(LOOPBACK_LIBRARIES)) -c -o $@ $<

.PHONY: directory-service
directory-service: $(DIRECTORY)

$(DIRECTORY): $(DIRECTORY_OBJS)
	$(CC) $(LOOPBACK_CFLAGS) -pthread -o $@ $^ $$($(PKG_CONFIG) --libs $(DIRECTORY_LIBRARIES))

test/build/objects/directory/%.o: test/directory/%.c $(wildcard test/directory/*.h test/loopback/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE $(LOOPBACK_CFLAGS) -Wall -Wextra $(WARNINGS) -pthread -Itest/loopback $$($(PKG_CONFIG) --cflags $(DIRECTORY_LIBRARIES)) -c -o $@ $<

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS:%=test/build/fuzz/%)

$(FUZZ_OBJECTS)/%.o: %.c $(wildcard src/*.h src/*/*.h test/fuzz/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) $(PG_CFLAGS) $(FUZZ_FLAGS) -D_GNU_SOURCE $(CPPFLAGS) -c -o $@ $<

# The linker takes from it what a target comes to.
$(FUZZ_LIBRARY): $(FUZZ_SOURCES:%.c=$(FUZZ_OBJECTS)/%.o)
	rm -f $@ && $(AR) rcs $@ $^

# What signs the answers of the directory service signs those of the target, too.
test/build/fuzz/jws: $(FUZZ_OBJECTS)/test/directory/sign.o $(FUZZ_OBJECTS)/test/loopback/base.o
$(FUZZ_OBJECTS)/test/%.o: CPPFLAGS += -Itest/loopback

# The frontend's unicode_normalize() allocates by malloc, the server's does not.
test/build/fuzz/%: $(FUZZ_OBJECTS)/test/fuzz/%.o $(FUZZ_SHARED:%=$(FUZZ_OBJECTS)/test/fuzz/%.o) $(FUZZ_LIBRARY)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -Wl,--wrap=unicode_normalize -o $@ $(filter %.o,$^) $(FUZZ_LIBRARY) \
		-L$(shell $(PG_CONFIG) --pkglibdir) -L$(shell $(PG_CONFIG) --libdir) -lpgcommon -lpgport $(SHLIB_LINK) -lm

.PHONY: $(COMMANDS) help
$(COMMANDS):
	@test/bin/run-$@

help:
	@echo 'make            builds the extension; make install installs it (PG_CONFIG=/path/to/pg_config)'
	@for c in $(COMMANDS); do sed -n "2s/^# */make $$c /p" test/bin/run-$$c; done

print-%:
	@echo $($*)
