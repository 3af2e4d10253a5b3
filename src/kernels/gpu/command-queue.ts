/**
 * Commands in the order of the calls. Where results come at once, a command runs at the call; otherwise it waits in a
 * queue that empties itself as promises are kept, each command after all before it.
 */
export class CommandQueue {
  readonly #immediate: boolean;
  readonly #commands: (() => void | Promise<void>)[] = [];
  #running = false;
  /** Kept when the queue is empty. */
  drained: Promise<void> = Promise.resolve();

  constructor(immediate: boolean) {
    this.#immediate = immediate;
  }

  /** A command must not throw: what goes wrong is kept where its result would be. */
  add(command: () => void | Promise<void>): void {
    if (this.#immediate) {
      command();
      return;
    }
    this.#commands.push(command);
    if (this.#running) return;
    this.#running = true;
    this.drained = Promise.resolve().then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    for (let next = 0; next < this.#commands.length; next++) {
      await this.#commands[next]();
      // Done commands are cut off now and then, so that a long queue does not hold on to them.
      if (next === 1023) {
        this.#commands.splice(0, next + 1);
        next = -1;
      }
    }
    this.#commands.length = 0;
    this.#running = false;
  }
}
