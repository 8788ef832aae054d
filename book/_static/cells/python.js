// The Python of this page: a worker that runs one cell after the other.
/** @typedef {{ cell: number, code: string }} Job */
/**
 * @typedef {object} Listener what is told as cells run
 * @property {(cell: number) => void} begin
 * @property {(cell: number, kind: string, content: any) => void} output
 * @property {(cell: number, done: boolean) => void} end
 * @property {() => void} ready
 * @property {(why: string) => void} dead
 */

export class Python {
  /** @param {{ site: string, folder: string }} start @param {Listener} listener */
  constructor(start, listener) {
    this.start = start;
    this.listener = listener;
    /** @type {Worker | null} */
    this.worker = null;
    this.ready = false;
    /** @type {Job[]} */
    this.jobs = [];
    /** What each cell had as its code when it ran. @type {Map<number, string>} */
    this.ran = new Map();
  }

  get busy() {
    return this.jobs.length > 0;
  }

  /** Start, unless that has been done: a sign that a reader is interested is enough. */
  wake() {
    if (this.worker) return;
    const worker = new Worker(new URL("worker.js", import.meta.url), {
      type: "module",
    });
    worker.addEventListener("message", ({ data }) => this.receive(data));
    worker.addEventListener("error", ({ message }) => this.fail(message));
    worker.postMessage(this.start);
    this.worker = worker;
  }

  /** @param {Job[]} jobs to run one after the other, as long as they come to their end */
  run(jobs) {
    this.wake();
    const idle = !this.busy;
    this.jobs.push(...jobs);
    if (idle) this.next();
  }

  next() {
    const [job] = this.jobs;
    if (!job) return;
    this.listener.begin(job.cell);
    this.worker?.postMessage(job);
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.ready = false;
    this.jobs = [];
    this.ran.clear();
  }

  /** @param {string} why */
  fail(why) {
    this.stop();
    this.listener.dead(why);
  }

  /** @param {any} data */
  receive(data) {
    if ("dead" in data) this.fail(data.dead);
    else if ("ready" in data) {
      this.ready = true;
      this.listener.ready();
    } else if ("done" in data) this.finish(data.cell, data.done);
    else this.listener.output(data.cell, data.kind, data.content);
  }

  /** @param {number} cell @param {boolean} done */
  finish(cell, done) {
    const job = this.jobs.shift();
    if (job && done) this.ran.set(cell, job.code);
    else this.jobs = []; // what follows builds on this cell
    this.listener.end(cell, done);
    this.next();
  }

  /** Forget that a cell and those below it have run. @param {number} cell */
  forget(cell) {
    for (const other of this.ran.keys()) if (other >= cell) this.ran.delete(other);
  }
}
