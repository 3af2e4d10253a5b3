/** Where a run's files are kept: a folder on a disk, or memory in a browser and in tests. */
export interface RunStorage {
  /** What the place is called in messages: its path. */
  readonly place: string;
  /** The whole file, or null where there is none. */
  read(file: string): Promise<Uint8Array | null>;
  /** Writes the file whole or not at all: whoever reads, also after a crash, finds the old bytes or the new ones. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  append(file: string, text: string): Promise<void>;
  /** A place of its own inside this one. */
  folder(name: string): RunStorage;
}

/** A run kept in memory. */
export class MemoryRunStorage implements RunStorage {
  private readonly files: Map<string, Uint8Array>;

  constructor(
    readonly place = "memory",
    files = new Map<string, Uint8Array>(),
  ) {
    this.files = files;
  }

  async read(file: string): Promise<Uint8Array | null> {
    return this.files.get(`${this.place}/${file}`) ?? null;
  }

  async write(file: string, bytes: Uint8Array): Promise<void> {
    this.files.set(`${this.place}/${file}`, bytes.slice());
  }

  async append(file: string, text: string): Promise<void> {
    const before = (await this.read(file)) ?? new Uint8Array();
    const added = new TextEncoder().encode(text);
    const joined = new Uint8Array(before.length + added.length);
    joined.set(before);
    joined.set(added, before.length);
    await this.write(file, joined);
  }

  folder(name: string): RunStorage {
    return new MemoryRunStorage(`${this.place}/${name}`, this.files);
  }
}
