// static.js NAME ... - notebooks as a forge shows them: converted to HTML, not
// run, no scripts. Each picture is there to see.
"use strict";
const { spawnSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { ROOT, launch, check, finish, skip } = require("./browser.js");

const PYTHON = process.env.LAB_JUPYTER || "/usr/bin/python3";
const NOTEBOOKS = path.join(ROOT, "notebooks");

function convert(names, folder) {
    const done = spawnSync(PYTHON, ["-m", "nbconvert", "--to", "html",
        `--output-dir=${folder}`,
        ...names.map((name) => path.join(NOTEBOOKS, name))], {
        encoding: "utf8", timeout: 120000, env: { ...process.env,
            HOME: folder, PYTHONDONTWRITEBYTECODE: "1" },
    });

    if (done.status === 0) return;
    if (/No module named/.test(done.stderr)) skip(done.stderr.trim());
    throw new Error(`nbconvert: ${done.error || done.stderr}`);
}

// How many pictures the file has.
function pictures(name) {
    return JSON.parse(fs.readFileSync(path.join(NOTEBOOKS, name), "utf8"))
        .cells.flatMap((cell) => cell.outputs || [])
        .filter((output) => output.data && "text/html" in output.data).length;
}

// In the page: what is seen of each picture, and how wide it is by itself.
function measure() {
    return [...document.images].map((image) => ({
        alt: image.alt, natural: image.naturalWidth,
        seen: image.getBoundingClientRect().width,
    }));
}

async function look(browser, folder, name) {
    const page = await browser.newPage({ javaScriptEnabled: false });
    const file = name.replace(/\.ipynb$/, ".html");

    // Not "load": there is no network to get fonts from.
    await page.goto(`file://${path.join(folder, file)}`,
        { waitUntil: "domcontentloaded" });
    for (const image of await page.$$("img"))
        await image.evaluate((element) => element.decode()
            .catch(() => null));
    const images = await page.evaluate(measure);

    check(images.length === pictures(name) && images.length > 0,
        `${name}: ${images.length} pictures, not ${pictures(name)}`);
    for (const { alt, natural, seen } of images)
        check(alt.startsWith("timeline: ") && natural === 760 && seen > 300,
            `${name}: "${alt}" is ${natural} wide, ${seen} of it are seen`);
    if (process.env.LAB_SCREENSHOTS)
        await page.screenshot({ fullPage: true, path: path.join(
            process.env.LAB_SCREENSHOTS, `static-${name}.png`) });
    await page.close();
}

async function main() {
    const names = process.argv.slice(2);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "awaitlab-"));

    const browser = await launch();

    try {
        convert(names, folder);
        for (const name of names) await look(browser, folder, name);
    } finally {
        await browser.close();
        fs.rmSync(folder, { recursive: true, force: true });
    }
    finish(`${names.length} notebooks as pages without scripts`);
}

main().catch((error) => {
    console.log(error);
    process.exitCode = 1;
});
