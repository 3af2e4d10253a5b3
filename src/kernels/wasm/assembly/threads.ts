// Work that several threads share. A kernel writes its arguments into the control block and calls `parallel` with a
// function that does the items [begin, end) of `count`; the arguments are read back inside that function.
//
// The result never depends on the number of threads: no two chunks write the same element, and each element is computed
// in the same order wherever the cuts fall.

// Control block, in bytes. What different threads write lies on different cache lines.
const GENERATION: usize = 0; // grows with every job; sleeping workers wait on it
const SLEEPERS: usize = 4;
const REMAINING: usize = 64; // chunks not yet claimed; at or below 0 when there are none
const CLAIMED: usize = 68; // chunks that workers have taken, from the last one down
const FINISHED: usize = 128; // chunks done
const WAITING: usize = 132; // 1 while the first thread sleeps on FINISHED
const WORKERS: usize = 192; // workers that have reported for work
const JOB: usize = 196;
const COUNT: usize = 200;
const GRAIN: usize = 204;
const ARGUMENTS: usize = 256;

/** How often a worker looks for the next job before it sleeps: about as long as JavaScript takes between two kernels. */
const IDLE_SPINS = 60000;
/** How often the first thread looks whether the others are done before it sleeps. */
const JOIN_SPINS = 20000;

/** What is slept, in nanoseconds, before a worker counts as held up: no chunk is meant to last so long. */
const HELD_UP: i64 = 1000000;
/** Where other programs want the cores too, a worker loses its turn with its chunk half done. Then so many jobs are done alone. */
const LEAST_PAUSE = 16;
const LONGEST_PAUSE = 1024;

/** Jobs worth sharing that are done alone before workers are started: a short program never pays for them. */
const PATIENCE = 16;

let control: usize = 0;
let thread: usize = 0;
let scratchBase: usize = 0;
let scratchBytes: usize = 0;
/** Whether this thread may sleep: a browser's main thread may not. */
let sleeps = false;
/** The next chunk of a job that the first thread takes. */
let first = 0;
/** Jobs worth sharing since the start; from PATIENCE on it stands still. */
let shareable = 0;
/** Jobs still to do alone because a worker was held up, and how many that will be the next time. */
let alone = 0;
let pause = LEAST_PAUSE;

/** Asks JavaScript for workers; it may have none to give. They report when they are ready. */
// @ts-expect-error: decorator
@external("env", "startWorkers")
declare function startWorkers(): void;

/** Called once by every instance, before anything else. Thread 0 is the one that starts jobs. */
export function setup(controlBlock: usize, index: usize, scratch: usize, bytesPerThread: usize, maySleep: bool): void {
  control = controlBlock;
  thread = index;
  scratchBase = scratch;
  scratchBytes = bytesPerThread;
  sleeps = maySleep;
}

/** Where the linear memory is free for the allocator. */
export function heapStart(): usize {
  return __heap_base;
}

/** This thread's own working memory. */
export function scratch(): usize {
  return scratchBase + thread * scratchBytes;
}

/** Threads at work, this one included. */
export function threads(): i32 {
  return atomic.load<i32>(control + WORKERS) + 1;
}

/** For how many threads to cut work that can be cut in several ways: while more may still come, for two at least. */
export function expectedThreads(): i32 {
  return max(threads(), shareable < PATIENCE ? 2 : 1);
}

// @ts-expect-error: decorator
@inline
export function setInteger(i: usize, value: usize): void {
  store<usize>(control + ARGUMENTS + (i << 2), value);
}

// @ts-expect-error: decorator
@inline
export function setFloat(i: usize, value: f32): void {
  store<f32>(control + ARGUMENTS + (i << 2), value);
}

// @ts-expect-error: decorator
@inline
export function integer(i: usize): usize {
  return load<usize>(control + ARGUMENTS + (i << 2));
}

// @ts-expect-error: decorator
@inline
export function float(i: usize): f32 {
  return load<f32>(control + ARGUMENTS + (i << 2));
}

/** Runs `job` over [0, count) in chunks of `grain` items, on every thread that is free. */
export function parallel(job: (begin: i32, end: i32) => void, count: i32, grain: i32): void {
  if (count <= grain) {
    job(0, count);
  } else if (alone > 0) {
    alone--;
    job(0, count);
  } else if (share(job, count, grain)) {
    pause = max(LEAST_PAUSE, pause >> 1);
  } else {
    alone = pause;
    pause = min(LONGEST_PAUSE, pause << 1);
  }
}

/** The same, one item a chunk, for items that last: how long they take says nothing about other programs. */
export function parallelLong(job: (begin: i32, end: i32) => void, count: i32): void {
  if (count <= 1) job(0, count);
  else share(job, count, 1);
}

/** Hands chunks to the workers and takes part; false if one of them seems to have been held up. */
function share(job: (begin: i32, end: i32) => void, count: i32, grain: i32): bool {
  if (atomic.load<i32>(control + WORKERS) == 0) {
    if (shareable < PATIENCE && ++shareable == PATIENCE) startWorkers();
    job(0, count);
    return true;
  }
  const chunks = (count + grain - 1) / grain;
  store<i32>(control + JOB, job.index);
  store<i32>(control + COUNT, count);
  store<i32>(control + GRAIN, grain);
  first = 0;
  atomic.store<i32>(control + CLAIMED, 0);
  atomic.store<i32>(control + FINISHED, 0);
  atomic.store<i32>(control + REMAINING, chunks);
  atomic.add<i32>(control + GENERATION, 1);
  if (atomic.load<i32>(control + SLEEPERS) > 0) atomic.notify(control + GENERATION, -1);
  claim();
  return join(chunks);
}

/** Waits until all chunks are done; false if that took so long that a worker must have been held up. */
function join(chunks: i32): bool {
  let spins = 0;
  let inTime = true;
  let done = atomic.load<i32>(control + FINISHED);
  while (done < chunks) {
    if (++spins > JOIN_SPINS) {
      if (sleeps) {
        atomic.store<i32>(control + WAITING, 1);
        if (atomic.wait<i32>(control + FINISHED, done, HELD_UP) == AtomicWaitResult.TIMED_OUT) inTime = false;
        atomic.store<i32>(control + WAITING, 0);
      } else if (spins > 50 * JOIN_SPINS) {
        inTime = false;
      }
    }
    done = atomic.load<i32>(control + FINISHED);
  }
  return inTime;
}

/**
 * Takes chunks until none is left: the first thread from the beginning up, the others from the end down, so that from
 * kernel to kernel the same rows mostly stay in the same core's caches. A claim below 0 belongs to no job; one at or
 * above 0 keeps its job from ending, so what is read after it is that job's own.
 */
function claim(): void {
  while (true) {
    const left = atomic.sub<i32>(control + REMAINING, 1);
    if (left <= 0) return;
    const count = load<i32>(control + COUNT);
    const grain = load<i32>(control + GRAIN);
    const chunk = thread == 0 ? first++ : (count - 1) / grain - atomic.add<i32>(control + CLAIMED, 1);
    const begin = chunk * grain;
    call_indirect<void>(load<i32>(control + JOB), begin, min(begin + grain, count));
    atomic.add<i32>(control + FINISHED, 1);
    if (atomic.load<i32>(control + WAITING)) atomic.notify(control + FINISHED, 1);
  }
}

/** A worker's whole life: it spins a while for the next job, then sleeps until there is one. Never returns. */
export function work(): void {
  let seen = atomic.load<i32>(control + GENERATION);
  atomic.add<i32>(control + WORKERS, 1);
  while (true) {
    let spins = 0;
    while (atomic.load<i32>(control + GENERATION) == seen) {
      if (++spins > IDLE_SPINS) {
        atomic.add<i32>(control + SLEEPERS, 1);
        atomic.wait<i32>(control + GENERATION, seen, -1);
        atomic.sub<i32>(control + SLEEPERS, 1);
      }
    }
    seen = atomic.load<i32>(control + GENERATION);
    claim();
  }
}
