// browser.js - a headless Chromium that talks to nobody but us, and what the
// tests in it share. Exit status: 0 passed, 1 failed, 77 nothing to run it.
"use strict";
const fs = require("fs");
const path = require("path");

const ROOT = path.resolve(__dirname, "..", "..");

function skip(why) {
    console.log(`skipped: ${why}`);
    process.exit(77);
}

function playwright() {
    for (const place of [process.env.LAB_PLAYWRIGHT, "playwright-core"]) {
        try {
            if (place) return require(place);
        } catch (error) {
            if (error.code !== "MODULE_NOT_FOUND") throw error;
        }
    }
    return skip("no playwright-core (npm install playwright-core)");
}

async function launch() {
    const executablePath = process.env.LAB_CHROMIUM
        || ["/usr/bin/chromium", "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome"].find(fs.existsSync);
    const { chromium } = playwright();

    if (!executablePath) skip("no Chromium");
    return chromium.launch({
        executablePath,
        args: ["--no-sandbox", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
            "--no-first-run", "--no-default-browser-check",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    });
}

const failures = [];

// Notes what does not hold and goes on: one run tells all.
function check(holds, words) {
    if (!holds) failures.push(words);
}

function finish(words) {
    for (const failure of failures) console.log(`FAILED ${failure}`);
    console.log(failures.length ? `${failures.length} failed`
        : `passed: ${words}`);
    process.exitCode = failures.length ? 1 : 0;
}

module.exports = { ROOT, launch, check, finish, skip };
