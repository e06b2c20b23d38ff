// notebook.js NAME [MORE ...] - opens notebooks in a real Jupyter server, as
// they were committed and untrusted: their pictures show. Then runs all cells
// of the first and checks what they print against what is committed, and that
// each picture is drawn. LAB_SCREENSHOTS: screenshots of all go there.
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

// In the page: what each code cell shows. A picture counts with its width,
// and with 0 if nobody can see it.
function read_cells() {
    function width(image) {
        const box = image.getBoundingClientRect();
        const style = getComputedStyle(image);

        return box.width > 0 && box.height > 0
            && style.visibility === "visible" && style.opacity === "1"
            ? image.naturalWidth : 0;
    }
    return Jupyter.notebook.get_cells()
        .filter((cell) => cell.cell_type === "code")
        .map((cell) => ({
            id: cell.id,
            text: cell.output_area.outputs.map((output) =>
                output.output_type === "error" ? `ERROR ${output.evalue}`
                    : output.text || "").join(""),
            pictures: [...cell.element[0]
                .querySelectorAll(".output_area img")]
                .map(width),
        }));
}

function normal(text) {
    return text.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
        .replace(/0x[0-9a-f]{6,}/g, "0xADDRESS")
        .replace(/\/tmp\/awaitlab-\w+/g, "/tmp/awaitlab");
}

// What stands in the file. Whoever drops HTML must find the timeline as text.
function committed(name) {
    const file = path.join(ROOT, "notebooks", name);
    const cells = JSON.parse(fs.readFileSync(file, "utf8")).cells
        .filter((cell) => cell.cell_type === "code");

    return cells.map((cell) => {
        const drawn = cell.outputs.filter((output) => output.data
            && "text/html" in output.data);

        for (const { data } of drawn)
            check(/^\d+ tasks?, .*\n( .*\n){2}(server|loop) /.test(
                [].concat(data["text/plain"] || "").join("")),
            `${name}: cell ${cell.id} has a picture and no text for it`);
        return {
            id: cell.id, pictures: drawn.length,
            text: cell.outputs.map((output) => [].concat(output.text || "")
                .join("")).join(""),
        };
    });
}

async function run_all(page) {
    await page.evaluate(() => Jupyter.notebook.execute_all_cells());
    await page.waitForFunction(() => {
        const cells = Jupyter.notebook.get_cells()
            .filter((cell) => cell.cell_type === "code");

        return cells.every((cell) => typeof cell.input_prompt_number
            === "number") && !document.querySelector(".cell.running");
    }, null, { timeout: RUN_MS });
    await pictures_drawn(page);
}

async function pictures_drawn(page) {
    await page.waitForFunction(() => [...document.images]
        .every((image) => image.complete), null, { timeout: 20000 });
}

function compare(when, cells, wanted) {
    check(cells.length === wanted.length, `${when}: ${cells.length} code `
        + `cells, not ${wanted.length}`);
    for (const [i, cell] of cells.entries()) {
        const want = wanted[i];

        check(cell.pictures.length === want.pictures
            && cell.pictures.every((width) => width > 300),
        `${when}: cell ${want.id} shows pictures ${cell.pictures}, and has `
            + `${want.pictures}`);
        check(normal(cell.text) === normal(want.text),
            `${when}: cell ${want.id} printed\n${cell.text}\nnot\n`
            + want.text);
    }
}

// The notebook scrolls inside the page, so it is taken screen by screen.
async function shoot(page, name, scheme) {
    await page.emulateMedia({ colorScheme: scheme });
    const site = await page.$("#site");
    const [seen, all] = await site.evaluate((element) =>
        [element.clientHeight, element.scrollHeight]);

    for (let n = 0; n * seen < all; n++) {
        await site.evaluate((element, top) => { element.scrollTop = top; },
            n * seen);
        await page.screenshot({ path: path.join(process.env.LAB_SCREENSHOTS,
            `${name}-${scheme}-${String(n).padStart(2, "0")}.png`) });
    }
}

async function visit(port, token, names) {
    const browser = await launch();

    try {
        for (const name of names)
            await walk(await browser.newPage({ viewport:
                { width: 1100, height: 900 } }), port, token, name,
            name === names[0]);
    } finally {
        await browser.close();
    }
}

async function walk(page, port, token, name, run) {
    const wanted = committed(name);

    await page.goto(`http://127.0.0.1:${port}/notebooks/${name}`
        + `?token=${token}`, { timeout: START_MS });
    await page.waitForFunction(() => window.Jupyter && Jupyter.notebook
        && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()
        && Jupyter.notebook.get_cells().length > 1, null,
    { timeout: START_MS });
    check(await page.evaluate(() => !Jupyter.notebook.trusted),
        `${name} is trusted, though nobody has signed it`);
    await pictures_drawn(page);
    compare(`${name} as committed`, await page.evaluate(read_cells), wanted);
    if (run) {
        await run_all(page);
        compare(`${name} after run-all`, await page.evaluate(read_cells),
            wanted);
    }
    if (process.env.LAB_SCREENSHOTS)
        for (const scheme of ["light", "dark"])
            await shoot(page, name, scheme);
    await page.close();
}

async function main() {
    const names = process.argv.slice(2);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "awaitlab-"));

    fs.cpSync(path.join(ROOT, "notebooks"), folder, { recursive: true });
    const port = await free_port();
    const { server, token } = serve(folder, port);

    try {
        await visit(port, await token, names);
    } finally {
        server.removeAllListeners("exit");
        if (server.exitCode === null && server.signalCode === null) {
            const gone = new Promise((done) => server.once("exit", done));

            server.kill("SIGTERM");
            await gone;
        }
        fs.rmSync(folder, { recursive: true, force: true });
    }
    finish(`${names.join(", ")} in Jupyter, in Chromium`);
}

main().catch((error) => {
    console.log(error);
    process.exitCode = 1;
});
