// Work that several threads share. A kernel writes its arguments into the control block and calls `parallel` with a
// function that does the items [begin, end) of `count`; the arguments are read back inside that function.
//
// The result never depends on the number of threads: no two chunks write the same element, and each element is computed
// in the same order wherever the cuts fall.

// Control block, in bytes. What different threads write lies on different cache lines, two lines apart, since processors
// fetch them in pairs: where cores are far from each other, every line that changes hands costs as much as a small chunk.
const WORKERS: usize = 0; // workers that have reported for work
const WAITING: usize = 128; // 1 while the first thread sleeps on WAKE
const WAKE: usize = 132; // grows when a worker has something to say to it
const JOB: usize = 256;
const COUNT: usize = 260;
const GRAIN: usize = 264;
const ARGUMENTS: usize = 272;
const SEATS: usize = 512; // one for each thread, the first thread's first
const SEAT: usize = 128;
// In a seat:
const RANGE: usize = 0; // chunks that its thread is to do and nobody has claimed: the first, and 2³² times the one past the last
const FINISHED: usize = 8; // chunks that its thread has ever done
const ASLEEP: usize = 12; // 1 while it waits on RANGE

/**
 * How often a worker looks for the next job before it sleeps: some tenths of a millisecond, longer than JavaScript takes
 * between two kernels. One that sleeps misses the next job.
 */
const IDLE_SPINS = 400000;
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
let thread = 0;
let scratchBase: usize = 0;
let scratchBytes: usize = 0;
/** Whether this thread may sleep: a browser's main thread may not. */
let sleeps = false;
/** Chunks that workers have ever had to do. */
let owed = 0;
/** Jobs worth sharing since the start; from PATIENCE on it stands still. */
let shareable = 0;
/** Jobs still to do alone because a worker was held up, and how many that will be the next time. */
let alone = 0;
let pause = LEAST_PAUSE;

/** Asks JavaScript for workers; it may have none to give. They report when they are ready. */
// @ts-expect-error: decorator
@external("env", "startWorkers")
declare function startWorkers(): void;

/** Bytes of the control block for so many threads. All zero to begin with. */
export function controlSize(threads: i32): usize {
  return SEATS + <usize>(threads + 1) * SEAT;
}

/** Called once by every instance, before anything else. Thread 0 is the one that starts jobs. */
export function setup(controlBlock: usize, index: i32, scratch: usize, bytesPerThread: usize, maySleep: bool): void {
  control = (controlBlock + SEAT - 1) & ~(SEAT - 1);
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
  return scratchBase + <usize>thread * scratchBytes;
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
  const workers = atomic.load<i32>(control + WORKERS);
  if (workers == 0) {
    if (shareable < PATIENCE && ++shareable == PATIENCE) startWorkers();
    job(0, count);
    return true;
  }
  const chunks = (count + grain - 1) / grain;
  store<i32>(control + JOB, job.index);
  store<i32>(control + COUNT, count);
  store<i32>(control + GRAIN, grain);
  const parts = min(workers + 1, chunks);
  let begin = chunks;
  for (let i = parts - 1; i >= 0; i--) {
    const end = begin;
    begin = <i32>(<i64>chunks * i + parts - 1) / parts;
    const seat = seatOf(i);
    atomic.store<i64>(seat + RANGE, ((<i64>end) << 32) | begin);
    if (atomic.load<i32>(seat + ASLEEP)) atomic.notify(seat + RANGE, 1);
  }
  owed += chunks - claim();
  return join(workers);
}

/** Waits until the workers have done what they owe; false if that took so long that one must have been held up. */
function join(workers: i32): bool {
  let spins = 0;
  let inTime = true;
  while (done(workers) != owed) {
    if (++spins <= JOIN_SPINS) continue;
    if (sleeps) {
      const seen = atomic.load<i32>(control + WAKE);
      atomic.store<i32>(control + WAITING, 1);
      if (done(workers) != owed && atomic.wait<i32>(control + WAKE, seen, HELD_UP) == AtomicWaitResult.TIMED_OUT) {
        inTime = false;
      }
      atomic.store<i32>(control + WAITING, 0);
    } else if (spins > 50 * JOIN_SPINS) {
      inTime = false;
    }
  }
  return inTime;
}

/** Chunks that workers have ever done. */
function done(workers: i32): i32 {
  let sum = 0;
  for (let i = 1; i <= workers; i++) sum += atomic.load<i32>(seatOf(i) + FINISHED);
  return sum;
}

// @ts-expect-error: decorator
@inline
function seatOf(i: i32): usize {
  return control + SEATS + <usize>i * SEAT;
}

/**
 * Claims a chunk of a seat's range, the lowest or the highest; −1 if there is none left. What is claimed belongs to the
 * job that is running, and keeps it from ending: what is read after it is that job's own.
 */
// @ts-expect-error: decorator
@inline
function take(seat: usize, lowest: bool): i32 {
  let range = atomic.load<i64>(seat + RANGE);
  while (true) {
    const begin = <i32>range;
    const end = <i32>(range >> 32);
    if (begin >= end) return -1;
    const rest = lowest ? range + 1 : range - (<i64>1 << 32);
    const found = atomic.cmpxchg<i64>(seat + RANGE, range, rest);
    if (found == range) return lowest ? begin : end - 1;
    range = found;
  }
}

/**
 * Does what is left of this thread's range, the lowest chunk first, then of the others', the highest first. Gives the
 * number of chunks done.
 */
function claim(): i32 {
  const seats = atomic.load<i32>(control + WORKERS) + 1;
  let chunks = 0;
  for (let i = 0; i < seats; i++) {
    // This thread's own seat first, then the first thread's and so on.
    const whose = i == 0 ? thread : i <= thread ? i - 1 : i;
    const seat = seatOf(whose);
    for (let chunk = take(seat, i == 0); chunk >= 0; chunk = take(seat, i == 0)) {
      const begin = chunk * load<i32>(control + GRAIN);
      const end = min(begin + load<i32>(control + GRAIN), load<i32>(control + COUNT));
      call_indirect<void>(load<i32>(control + JOB), begin, end);
      chunks++;
    }
  }
  return chunks;
}

/** A worker's whole life: it spins a while for something to do, then sleeps until there is. Never returns. */
export function work(): void {
  // Seats are taken in the order in which workers come.
  thread = atomic.add<i32>(control + WORKERS, 1) + 1;
  const seat = seatOf(thread);
  while (true) {
    let spins = 0;
    let range = atomic.load<i64>(seat + RANGE);
    while (<i32>range >= <i32>(range >> 32)) {
      if (++spins > IDLE_SPINS) {
        atomic.store<i32>(seat + ASLEEP, 1);
        atomic.wait<i64>(seat + RANGE, range, -1);
        atomic.store<i32>(seat + ASLEEP, 0);
      }
      range = atomic.load<i64>(seat + RANGE);
    }
    const chunks = claim();
    atomic.store<i32>(seat + FINISHED, load<i32>(seat + FINISHED) + chunks);
    if (atomic.load<i32>(control + WAITING)) {
      atomic.add<i32>(control + WAKE, 1);
      atomic.notify(control + WAKE, 1);
    }
  }
}
