// Python for one page: started by the first message, then each message runs a cell.
/**
 * @typedef {{ site: string, folder: string }} Start the site's address, and the folder
 *   of the page in it, where its cells find themselves
 * @typedef {{ cell: number, code: string }} Job
 * @typedef {{ pyodide: string, wheel: string, kernel: string, data: string[] }} Settings
 */
const HOME = "/home/pyodide/";
const PACKAGES = "/lib/python3.12/site-packages";
const quiet = { messageCallback() {} };
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

/** @param {Start} start */
async function begin({ site, folder }) {
  const answer = await get(new URL("lite/cells.json", site));
  /** @type {Settings} */
  const settings = await answer.json();
  const wheel = get(new URL(settings.wheel, site)).then((file) => file.arrayBuffer());
  const address = new URL(settings.pyodide, site).href;
  const { loadPyodide } = await import(`${address}pyodide.mjs`);
  const packages = ["numpy", "cycler"];
  const py = await loadPyodide({ indexURL: address, packages, ...quiet });
  py.unpackArchive(await wheel, "wheel", { extractDir: PACKAGES });
  py.FS.mkdirTree(HOME + folder);
  py.FS.mkdirTree(`${HOME}book/data`);
  py.FS.chdir(HOME + folder);
  py.runPython(settings.kernel);
  return new Cells(py, site, settings.data);
}

class Cells {
  /** @param {any} py @param {string} site @param {string[]} data */
  constructor(py, site, data) {
    this.py = py;
    this.site = site;
    this.data = new Set(data);
    this.cell = -1;
    this.drawing = false;
    this.draws = py.globals.get("draws");
    this.kernel = py.globals.get("Kernel")(this.send.bind(this));
    py.runPython("import importlib; importlib.invalidate_caches(); import rmsprop");
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
    await this.py.loadPackage("matplotlib", quiet);
    this.kernel.can_draw();
    this.drawing = true;
  }

  /** Bring a data file of the book to where its chapters look for it. @param {string} name */
  async bring(name) {
    const file = await get(new URL(`lite/files/data/${name}`, this.site));
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.py.FS.writeFile(`${HOME}book/data/${name}`, bytes);
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
