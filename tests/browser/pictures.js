// pictures.js [FOLDER] - all committed pictures on one page in a real
// browser, in light and in dark: each has its rows, words and marks, and
// they can be read. FOLDER: screenshots go there, also as people who see
// fewer colours see them.
"use strict";
const fs = require("fs");
const path = require("path");
const { ROOT, launch, check, finish } = require("./browser.js");

// Kind of the class's ending -> its word in the legend.
const WORDS = {
    running: "running", timer: "awaiting timer", fd: "awaiting fd",
    tasks: "awaiting tasks", poll: "blocked in poll", fired: "timer fired",
    ready: "fd ready", done: "done", error: "error", cancelled: "cancelled",
};
const DEFICIENCIES = ["protanopia", "deuteranopia", "tritanopia",
    "achromatopsia"];
const READABLE = 4.5; // WCAG's contrast for text
const VISIBLE = 3; // and for graphics

function pictures() {
    const lessons = path.join(ROOT, "lessons");
    const found = [];

    for (const name of fs.readdirSync(lessons).sort()) {
        const place = path.join(lessons, name);

        if (name.endsWith(".svg")) found.push(place);
        else if (/^\d\d_/.test(name))
            for (const file of fs.readdirSync(place))
                if (file.endsWith(".svg")) found.push(path.join(place, file));
    }
    return found;
}

// In the page: what is drawn, in numbers.
function measure() {
    function luminance(color) {
        const parts = color.match(/[\d.]+/g).slice(0, 3).map((c) => {
            const x = c / 255;
            return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }
    function contrast(a, b) {
        const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
        return (x + 0.05) / (y + 0.05);
    }
    function box(element) {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
    }
    // What a text stands on: the last shape that was filled there.
    function ground(svg, text, card) {
        const { x, y, width, height } = text.getBBox();
        const middle = new DOMPoint(x + width / 2, y + height / 2);
        return [...svg.querySelectorAll("path[class]")]
            .filter((path) => path.isPointInFill(middle))
            .map((path) => getComputedStyle(path).fill)
            .filter((fill) => fill !== "none").pop() || card;
    }
    return [...document.querySelectorAll("figure")].map((figure) => {
        const svg = figure.querySelector("svg");
        const card = getComputedStyle(svg.querySelector("rect")).fill;
        const texts = [...svg.querySelectorAll("text")].map((text) => ({
            words: text.textContent, box: box(text),
            contrast: contrast(getComputedStyle(text).fill,
                ground(svg, text, card)),
        }));
        const shapes = [...svg.querySelectorAll("path[class]")]
            .filter((path) => path.getAttribute("d") !== ""
                && !path.classList.value.endsWith("-grid"))
            .map((path) => {
                const style = getComputedStyle(path);
                const ink = style.stroke !== "none" ? style.stroke
                    : style.fill;
                return {
                    kind: path.classList.value.split("-").pop(),
                    box: box(path), dash: style.strokeDasharray,
                    contrast: contrast(ink, card),
                };
            });
        const image = figure.querySelector("img");
        return {
            name: figure.id, box: box(svg), texts, shapes,
            title: svg.querySelector("title").textContent,
            desc: svg.querySelector("desc").textContent,
            image: image.complete && image.naturalWidth,
        };
    });
}

function inside(box, outer) {
    return box.x >= outer.x - 1 && box.y >= outer.y - 1
        && box.x + box.width <= outer.x + outer.width + 1
        && box.y + box.height <= outer.y + outer.height + 1;
}

function overlap(a, b) {
    return a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width
        && a.y + 3 < b.y + b.height && b.y + 3 < a.y + a.height;
}

function check_words(picture, say) {
    const { texts } = picture;

    for (const [i, text] of texts.entries()) {
        check(text.words.trim() !== "", say("an empty text"));
        check(inside(text.box, picture.box),
            say(`"${text.words}" reaches out of the picture`));
        check(text.contrast >= READABLE,
            say(`"${text.words}" has a contrast of ${text.contrast}`));
        for (const other of texts.slice(i + 1))
            check(!overlap(text.box, other.box),
                say(`"${text.words}" lies on "${other.words}"`));
    }
    check(picture.title !== "" && picture.desc !== "",
        say("no title or no description"));
}

// A row: the loop's first, and each has something drawn beside its name.
function check_rows(picture, say) {
    const rows = picture.texts.filter((text) => text.box.x
        < picture.box.x + 20 && text.box.y > picture.box.y + 60
        && !/^(the axis counts|rows that look alike)/.test(text.words));
    const spans = picture.shapes.filter((shape) => shape.box.height > 8);

    check(rows.length >= 2, say(`${rows.length} rows`));
    check(rows.length > 0 && rows[0].words === "loop",
        say("the first row is not the loop's"));
    for (const row of rows)
        check(spans.some(({ box }) => box.y < row.box.y + row.box.height
            && row.box.y < box.y + box.height),
        say(`nothing is drawn for ${row.words}`));
}

// What is drawn is in the legend, and what the legend has is drawn.
function check_marks(picture, say) {
    const words = picture.texts.map((text) => text.words);
    const kinds = new Map();

    for (const shape of picture.shapes) {
        check(WORDS[shape.kind], say(`unknown kind ${shape.kind}`));
        check(shape.box.width >= 2 && shape.box.height >= 3,
            say(`${shape.kind} is too small to see`));
        check(shape.contrast >= VISIBLE,
            say(`${shape.kind} has a contrast of ${shape.contrast}`));
        kinds.set(shape.kind, (kinds.get(shape.kind) || 0) + 1);
    }
    for (const [kind, count] of kinds) {
        check(words.includes(WORDS[kind]), say(`no word for ${kind}`));
        check(count >= 2, say(`${kind} is in the legend alone`));
    }
    check(kinds.has("running"), say("nobody runs"));
}

// Kinds of waiting are told apart by outline, not by colour alone.
function check_outlines(picture, say) {
    const waits = new Map(picture.shapes
        .filter((shape) => ["timer", "fd", "tasks", "poll"]
            .includes(shape.kind))
        .map((shape) => [shape.kind, shape.dash]));

    check(new Set(waits.values()).size === waits.size,
        say("two kinds of waiting have one outline"));
}

async function look(page, scheme, folder) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const picture of await page.evaluate(measure)) {
        const say = (words) => `${picture.name} (${scheme}): ${words}`;

        check_words(picture, say);
        check_rows(picture, say);
        check_marks(picture, say);
        check_outlines(picture, say);
        check(picture.image === 760, say("does not show as an <img>"));
    }
    if (folder)
        await page.screenshot({ fullPage: true,
            path: path.join(folder, `${scheme}.png`) });
}

async function shoot_deficiencies(page, folder) {
    const cdp = await page.context().newCDPSession(page);

    for (const type of DEFICIENCIES) {
        await cdp.send("Emulation.setEmulatedVisionDeficiency", { type });
        await page.screenshot({ fullPage: true,
            path: path.join(folder, `${type}.png`) });
    }
}

async function main() {
    const folder = process.argv[2];
    const files = pictures();
    const figures = files.map((file) => {
        const svg = fs.readFileSync(file, "utf8");
        const data = Buffer.from(svg).toString("base64");

        return `<figure id="${path.relative(ROOT, file)}">${svg}`
            + `<img hidden src="data:image/svg+xml;base64,${data}"></figure>`;
    });
    const browser = await launch();
    const page = await browser.newPage({ viewport:
        { width: 820, height: 600 } });

    await page.setContent(`<meta charset="utf-8"><style>:root { color-scheme:
        light dark }</style>${figures.join("\n")}`, { waitUntil: "load" });
    await page.waitForFunction(() => [...document.images]
        .every((image) => image.complete), null, { timeout: 20000 });
    for (const scheme of ["light", "dark"]) await look(page, scheme, folder);
    if (folder) {
        await page.emulateMedia({ colorScheme: "light" });
        await shoot_deficiencies(page, folder);
    }
    await browser.close();
    check(files.length >= 9, `${files.length} pictures found`);
    finish(`${files.length} pictures, in light and dark`);
}

main().catch((error) => {
    console.log(error);
    process.exitCode = 1;
});
