# ootspg: build with PGXS. `make demo` and `make test` do everything on a fresh machine.

EXTENSION    := ootspg
EXTVERSION   := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" ootspg.control)
MODULE_big   := ootspg

SOURCES      := $(sort $(wildcard src/*.c src/*/*.c))
OBJS         := $(SOURCES:.c=.o)

# The extension script is written in readable parts and joined here.
SQL_PARTS    := $(sort $(wildcard sql/ootspg/*.sql))
SQL_SCRIPT   := sql/ootspg--$(EXTVERSION).sql
DATA         := $(filter-out $(SQL_SCRIPT),$(wildcard sql/ootspg--*.sql))
DATA_built   := $(SQL_SCRIPT)

PKG_CONFIG   ?= pkg-config
LIBRARIES    := libxml-2.0 xmlsec1-openssl libcrypto
GOALS        := $(or $(MAKECMDGOALS),all)

# `make X` runs the command test/bin/run-X, which installs what is missing and
# builds in a throw-away copy: these must work before anything else is there.
COMMANDS     := $(patsubst test/bin/run-%,%,$(wildcard test/bin/run-*))
UNBUILT      := $(COMMANDS) help print-%

# Targets that build nothing themselves must work before the libraries are there.
ifneq ($(filter-out $(UNBUILT) clean,$(GOALS)),)
  ifneq ($(shell $(PKG_CONFIG) --exists $(LIBRARIES) && echo yes),yes)
    $(error ootspg needs the development files of: $(LIBRARIES) (Debian: libxml2-dev libxmlsec1-dev libssl-dev pkg-config))
  endif
endif

PG_CPPFLAGS  := -Isrc -DOOTSPG_VERSION='"$(EXTVERSION)"' $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
# The server's own headers are not clean under these, and C17 lets declarations stand where they are needed.
PG_CFLAGS    := -std=gnu17 -Wall -Wextra -Werror -Wno-declaration-after-statement -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers
SHLIB_LINK   := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null)

# In the order of the story: bytes, rules, names, documents, whole exchanges, then the directories.
REGRESS      := install \
	xml \
	rules_request \
	rules_response \
	rules_error \
	names \
	document \
	configuration \
	answer \
	audit \
	privileges \
	submission_rules \
	submission \
	fragments \
	model_deadline
REGRESS_OPTS := --inputdir=.

EXTRA_CLEAN  := $(SQL_SCRIPT) test/build

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
	other_requests \
	partitions \
	configuration \
	snapshot \
	purge \
	duty_revoked

$(SQL_SCRIPT): $(SQL_PARTS) ootspg.control
	cat $(SQL_PARTS) > $@.tmp && mv $@.tmp $@

# Any header may concern any object; the whole build takes seconds.
$(OBJS): $(wildcard src/*.h src/*/*.h)

.PHONY: $(COMMANDS) help
$(COMMANDS):
	@test/bin/run-$@

help:
	@echo 'make            builds the extension; make install installs it (PG_CONFIG=/path/to/pg_config)'
	@for c in $(COMMANDS); do sed -n "2s/^# */make $$c /p" test/bin/run-$$c; done

print-%:
	@echo $($*)
