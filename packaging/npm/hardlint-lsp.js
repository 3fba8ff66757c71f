#!/usr/bin/env node
// The same as `hardlint lsp`.
"use strict";
require("./launch.js")(["lsp"]);
