// The words of the control buffer that the caller and its workers share. Words that different threads write stand in
// cache lines of their own.

/** The most threads a pool may have. */
export const MOST_THREADS = 64;

/** Raised for every job; what idle workers watch. */
export const EPOCH = 0;
/** 1 while a job may be joined. */
export const OPEN = 16;
/** The next task to be pulled. */
export const NEXT = 32;
/** What the open job is: its number of tasks, the kernel (an index into the module's exports), its number of arguments. */
export const TASKS = 48;
export const KERNEL = 49;
export const ARGUMENTS = 50;
/** 1 when the workers should end. */
export const QUIT = 51;
/** How many workers sleep. */
export const SLEEPING = 64;
/** How many workers have started. */
export const READY = 80;
/** 1 while the caller sleeps until a worker is done. */
export const CALLER_WAITS = 96;
/** 1 when a kernel threw in a worker. */
export const FAILED = 112;
/** Worker i's flag stands at FLAGS + 16 i: 1 while it takes part in a job. */
export const FLAGS = 128;
/** Arguments of the job, float64 from this byte on. */
export const ARGUMENT_BYTES: number = (FLAGS + 16 * MOST_THREADS) * 4;
export const MOST_ARGUMENTS = 32;
export const CONTROL_BYTES: number = ARGUMENT_BYTES + MOST_ARGUMENTS * 8;
