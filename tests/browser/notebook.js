// notebook.js NAME - opens a notebook in a real Jupyter server, as it was
// committed and untrusted: its pictures show. Then runs all cells and checks
// what they print against what is committed, and that each picture is drawn.
"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const net = require("net");
const os = require("os");
const path = require("path");
const { ROOT, launch, check, finish, skip } = require("./browser.js");

const PYTHON = process.env.LAB_JUPYTER || "/usr/bin/python3";
const START_MS = 60000;
const RUN_MS = 240000;

// A port that is free now: this Jupyter cannot say which one it was given.
function free_port() {
    return new Promise((resolve) => {
        const probe = net.createServer().listen(0, "127.0.0.1", () => {
            const { port } = probe.address();

            probe.close(() => resolve(port));
        });
    });
}

// A server in a copy of notebooks/.
function serve(folder, port) {
    const server = spawn(PYTHON, ["-m", "notebook", "--no-browser",
        "--allow-root", "--ip=127.0.0.1", `--port=${port}`, "--port-retries=0",
        `--notebook-dir=${folder}`], {
        env: { ...process.env, JUPYTER_RUNTIME_DIR: path.join(folder,
            ".runtime"), HOME: folder, PYTHONDONTWRITEBYTECODE: "1" },
        stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    const token = new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(
            `no server after ${START_MS} ms:\n${said}`)), START_MS);

        server.stderr.on("data", (data) => {
            const found = (said += data).match(/\?token=(\w+)/);

            if (!found) return;
            clearTimeout(timer);
            resolve(found[1]);
        });
        server.on("exit", () => {
            clearTimeout(timer);
            if (/No module named/.test(said)) skip(said.trim());
            reject(new Error(`the server ended:\n${said}`));
        });
    });
    return { server, token };
}

// In the page: what each code cell shows.
function read_cells() {
    return Jupyter.notebook.get_cells()
        .filter((cell) => cell.cell_type === "code")
        .map((cell) => ({
            id: cell.id,
            text: cell.output_area.outputs.map((output) =>
                output.output_type === "error" ? `ERROR ${output.evalue}`
                    : output.text || "").join(""),
            pictures: [...cell.element[0]
                .querySelectorAll(".output_area img")]
                .map((image) => image.naturalWidth),
        }));
}

function normal(text) {
    return text.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
        .replace(/0x[0-9a-f]{6,}/g, "0xADDRESS")
        .replace(/\/tmp\/awaitlab-\w+/g, "/tmp/awaitlab");
}

function committed(file) {
    return JSON.parse(fs.readFileSync(file, "utf8")).cells
        .filter((cell) => cell.cell_type === "code")
        .map((cell) => ({
            id: cell.id,
            text: cell.outputs.map((output) => [].concat(output.text || "")
                .join("")).join(""),
            pictures: cell.outputs.filter((output) => output.data
                && "text/html" in output.data).length,
        }));
}

async function run_all(page) {
    await page.evaluate(() => Jupyter.notebook.execute_all_cells());
    await page.waitForFunction(() => {
        const cells = Jupyter.notebook.get_cells()
            .filter((cell) => cell.cell_type === "code");

        return cells.every((cell) => typeof cell.input_prompt_number
            === "number") && !document.querySelector(".cell.running");
    }, null, { timeout: RUN_MS });
    await page.waitForFunction(() => [...document.images]
        .every((image) => image.complete), null, { timeout: 20000 });
}

function compare(when, cells, wanted, texts) {
    check(cells.length === wanted.length, `${when}: ${cells.length} code `
        + `cells, not ${wanted.length}`);
    for (const [i, cell] of cells.entries()) {
        const want = wanted[i];

        check(cell.pictures.length === want.pictures
            && cell.pictures.every((width) => width > 300),
        `${when}: cell ${want.id} shows pictures ${cell.pictures}, and has `
            + `${want.pictures}`);
        check(!texts || normal(cell.text) === normal(want.text),
            `${when}: cell ${want.id} printed\n${cell.text}\nnot\n`
            + want.text);
    }
}

async function visit(port, token, name, wanted) {
    const browser = await launch();

    try {
        await walk(await browser.newPage({ viewport:
            { width: 1100, height: 900 } }), port, token, name, wanted);
    } finally {
        await browser.close();
    }
}

async function walk(page, port, token, name, wanted) {
    await page.goto(`http://127.0.0.1:${port}/notebooks/${name}`
        + `?token=${token}`, { timeout: START_MS });
    await page.waitForFunction(() => window.Jupyter && Jupyter.notebook
        && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()
        && Jupyter.notebook.get_cells().length > 1, null,
    { timeout: START_MS });
    compare("as committed", await page.evaluate(read_cells), wanted, true);
    await run_all(page);
    compare("after run-all", await page.evaluate(read_cells), wanted, true);
    if (process.env.LAB_SCREENSHOTS)
        await (await page.$("#notebook-container")).screenshot({ path:
            path.join(process.env.LAB_SCREENSHOTS, `${name}.png`) });
}

async function main() {
    const name = process.argv[2];
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "awaitlab-"));

    fs.cpSync(path.join(ROOT, "notebooks"), folder, { recursive: true });
    const port = await free_port();
    const { server, token } = serve(folder, port);

    try {
        await visit(port, await token, name,
            committed(path.join(ROOT, "notebooks", name)));
    } finally {
        server.removeAllListeners("exit");
        if (server.exitCode === null && server.signalCode === null) {
            const gone = new Promise((done) => server.once("exit", done));

            server.kill("SIGTERM");
            await gone;
        }
        fs.rmSync(folder, { recursive: true, force: true });
    }
    finish(`${name} in Jupyter, in Chromium`);
}

main().catch((error) => {
    console.log(error);
    process.exitCode = 1;
});
