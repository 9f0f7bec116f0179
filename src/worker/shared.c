/*
 * shared.c
 *		The shared memory of the workers and the wake-ups between processes. A
 *		process is woken through its own latch, found by its process id when it
 *		is needed; no pointer of one process is kept for another.
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "worker/shared.h"

#define TRANCHE "ootspg"

SharedState *shared = NULL;

static shmem_request_hook_type previous_request = NULL;
static shmem_startup_hook_type previous_startup = NULL;

static void
request_memory(void)
{
	if (previous_request)
		previous_request();
	RequestAddinShmemSpace(MAXALIGN(sizeof(SharedState)));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

/* Also after a crash: then everything begins anew. */
static void
initialise_memory(void)
{
	bool		found;

	if (previous_startup)
		previous_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("ootspg workers", sizeof(SharedState), &found);
	if (!found)
	{
		memset(shared, 0, sizeof(SharedState));
		shared->began_at = GetCurrentTimestamp();
		shared->lock = &(GetNamedLWLockTranche(TRANCHE))->lock;
	}
	LWLockRelease(AddinShmemInitLock);
}

void
shared_request(void)
{
	previous_request = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = initialise_memory;
}

DatabaseSlot *
slot_find(Oid database)
{
	for (int i = 0; i < MAX_DATABASES; i++)
		if (shared->slots[i].database == database)
			return &shared->slots[i];
	return NULL;
}

DatabaseSlot *
slot_make(Oid database)
{
	DatabaseSlot *slot = slot_find(database);

	if (slot != NULL || (slot = slot_find(InvalidOid)) == NULL)
		return slot;
	memset(slot, 0, sizeof(DatabaseSlot));
	slot->database = database;
	return slot;
}

int
slot_answerers(const DatabaseSlot *slot, Oid role)
{
	int			count = 0;

	for (int i = 0; i < MAX_ANSWERERS; i++)
	{
		const AnswererSlot *answerer = &slot->answerers[i];

		if (OidIsValid(answerer->role) && (OidIsValid(role) ? answerer->role == role : !answerer->failed))
			count++;
	}
	return count;
}

bool
slot_has_processes(const DatabaseSlot *slot)
{
	return slot->pid != 0 || slot->state == SLOT_STARTING || slot_answerers(slot, InvalidOid) > 0;
}

void
slot_terminate(const DatabaseSlot *slot)
{
	if (slot->pid != 0)
		kill(slot->pid, SIGTERM);
	for (int i = 0; i < MAX_ANSWERERS; i++)
		if (slot->answerers[i].pid != 0)
			kill(slot->answerers[i].pid, SIGTERM);
}

/* Also right after the process ended: then nobody is found. */
void
set_latch_of(pid_t pid)
{
	PGPROC	   *process = pid != 0 ? BackendPidGetProc(pid) : NULL;

	if (process != NULL)
		SetLatch(&process->procLatch);
}

void
wake_launcher(void)
{
	pid_t		launcher;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->rescan = true;
	launcher = shared->launcher;
	LWLockRelease(shared->lock);
	set_latch_of(launcher);
}

void
wake_database(Oid database, int bits)
{
	DatabaseSlot *slot;
	pid_t		pid = 0;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(database);
	if (slot != NULL)
	{
		slot->wake |= bits;
		if (bits & (WAKE_CONFIGURATION | WAKE_ROLES))
			slot->configuration++;
		pid = slot->pid;
	}
	LWLockRelease(shared->lock);
	set_latch_of(pid);
}
