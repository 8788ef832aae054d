// Python for one page: started by the first message, then each message runs a cell.
/**
 * @typedef {{ site: string, folder: string }} Start the site's address, and the folder
 *   of the page in it, where its cells find themselves
 * @typedef {{ cell: number, code: string }} Job
 * @typedef {{ pyodide: string, wheels: string[], data: string[] }} Settings
 */
const HOME = "/home/pyodide/";
const PACKAGES = "/lib/python3.12/site-packages";
/** @type {Promise<{ run(job: Job): Promise<boolean> }>} */
let python;
/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/** @param {string | URL} url */
async function get(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

/** @param {string | URL} url */
async function bytes(url) {
  return (await get(url)).arrayBuffer();
}

/** @param {Start} start */
async function begin({ site, folder }) {
  /** @type {Settings} */
  const settings = await (await get(new URL("lite/cells.json", site))).json();
  const address = new URL(settings.pyodide, site).href;
  const packages = new Packages(address);
  const files = [
    packages.bring("numpy"),
    packages.bring("cycler"),
    Promise.all(settings.wheels.map((wheel) => bytes(new URL(wheel, site)))),
  ];
  const { loadPyodide } = await import(`${address}pyodide.mjs`);
  const py = await loadPyodide({ indexURL: address });
  for (const file of (await Promise.all(files)).flat()) unpack(py, file);
  py.FS.mkdirTree(HOME + folder);
  py.FS.mkdirTree(`${HOME}book/data`);
  py.FS.chdir(HOME + folder);
  return new Cells(py, packages, site, settings.data);
}

/** @param {any} py @param {ArrayBuffer} wheel */
function unpack(py, wheel) {
  py.unpackArchive(wheel, "wheel", { extractDir: PACKAGES });
}

/**
 * The packages of a Pyodide. Its own `loadPackage` compiles all the libraries of a
 * package at once; where they are only unpacked, an `import` compiles the one it needs.
 */
class Packages {
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    this.lock = get(`${address}pyodide-lock.json`).then((answer) => answer.json());
    /** @type {Set<string>} */
    this.brought = new Set();
  }

  /**
   * Fetch a package with all that it depends on, but nothing twice.
   * @param {string} name @returns {Promise<ArrayBuffer[]>}
   */
  async bring(name) {
    const { packages } = await this.lock;
    if (this.brought.has(name)) return [];
    this.brought.add(name);
    const { file_name, depends } = packages[name];
    const others = depends.map((/** @type {string} */ other) => this.bring(other));
    const [file, ...more] = await Promise.all([
      bytes(this.address + file_name),
      ...others,
    ]);
    return [file, ...more.flat()];
  }
}

class Cells {
  /** @param {any} py @param {Packages} packages @param {string} site @param {string[]} data */
  constructor(py, packages, site, data) {
    this.py = py;
    this.packages = packages;
    this.site = site;
    this.data = new Set(data);
    this.cell = -1;
    this.drawing = false;
    py.runPython("import importlib; importlib.invalidate_caches()");
    const { draws, Kernel } = py.pyimport("page_kernel");
    this.draws = draws;
    this.kernel = Kernel(this.send.bind(this));
    py.pyimport("rmsprop");
  }

  /** @param {string} kind @param {any} content */
  send(kind, content) {
    const sent = typeof content === "string" ? content : content.toJs();
    postMessage({ cell: this.cell, kind, content: sent });
  }

  /** @param {Job} job */
  async run({ cell, code }) {
    this.cell = cell;
    if (!this.drawing && this.draws(code)) await this.learnToDraw();
    for (const name of this.data) if (code.includes(name)) await this.bring(name);
    return this.kernel.run(code, `cell ${cell + 1}`);
  }

  async learnToDraw() {
    for (const file of await this.packages.bring("matplotlib")) unpack(this.py, file);
    this.py.runPython("import importlib; importlib.invalidate_caches()");
    this.kernel.can_draw();
    this.drawing = true;
  }

  /** Bring a data file of the book to where its chapters look for it. @param {string} name */
  async bring(name) {
    const file = await bytes(new URL(`lite/files/data/${name}`, this.site));
    this.py.FS.writeFile(`${HOME}book/data/${name}`, new Uint8Array(file));
    this.data.delete(name);
  }
}

/** @param {Job} job */
async function work(job) {
  const done = await (await python).run(job);
  postMessage({ cell: job.cell, done });
}

/** @param {unknown} error */
function report(error) {
  postMessage({ dead: String(error) });
}

addEventListener("message", ({ data }) => {
  if ("site" in data) {
    python = begin(data);
    python.then(() => postMessage({ ready: true }), report);
  } else {
    queue = queue.then(() => work(data)).catch(report); // else what follows would hang
  }
});
