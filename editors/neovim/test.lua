-- Run by `editors/neovim/test`, in a copy of testdata/shop.

local config = dofile(vim.env.HARDLINT_CLIENT .. "/lsp/hardlint.lua")
dofile(vim.env.HARDLINT_CLIENT .. "/ftdetect/hardlint.lua")
local passed = 0

local function say(text)
	io.stdout:write(text .. "\n")
end

local function fail(text)
	say("FAILED: " .. text)
	vim.cmd("cquit 1")
end

local function check(holds, what)
	if not holds then
		fail(what)
	end
	passed = passed + 1
	say("ok: " .. what)
end

-- Every kind of file gets a type that the client names.
for _, path in ipairs({
	".env",
	".env.production",
	"Containerfile",
	"airflow/airflow.cfg",
	"compose.yaml",
	"env/db.env",
	"nginx/conf.d/20-shop.conf",
	"nginx/nginx.conf",
	"postgres/pg_hba.conf",
	"postgres/postgresql.conf",
	"redis.conf",
	"sites-enabled/default",
	"ssh/etc/ssh/sshd_config",
	"web/Dockerfile",
	"web/shop/settings/base.py",
}) do
	vim.cmd("edit " .. path)
	check(vim.tbl_contains(config.filetypes, vim.bo.filetype), path .. " has a type that the client names")
end

local exited
local client_id = vim.lsp.start_client({
	name = "hardlint",
	cmd = { vim.env.HARDLINT_LSP },
	root_dir = vim.fn.getcwd(),
	on_exit = function(code)
		exited = code
	end,
})

local function open(path)
	vim.cmd("edit " .. path)
	vim.lsp.buf_attach_client(0, client_id)
end

-- The finding of a rule at a line, counted from 1.
local function found(rule, line)
	for _, one in ipairs(vim.diagnostic.get(0)) do
		if one.code == rule and (line == nil or one.lnum == line - 1) then
			return one
		end
	end
end

local function wait(holds, what)
	check(vim.wait(20000, holds, 20), what)
end

local function ask(method, params)
	local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
	local answer = answers and answers[client_id]
	if not answer or answer.error then
		fail(method .. ": " .. vim.inspect(answer))
	end
	return answer.result
end

local function hover(line, column)
	vim.api.nvim_win_set_cursor(0, { line, column })
	local result = ask("textDocument/hover", vim.lsp.util.make_position_params(0, "utf-16"))
	return result and result.contents.value or ""
end

local function line(number)
	return vim.api.nvim_buf_get_lines(0, number - 1, number, true)[1]
end

local function apply(number, title)
	vim.api.nvim_win_set_cursor(0, { number, 0 })
	local params = vim.lsp.util.make_range_params(0, "utf-16")
	params.range["end"] = { line = number - 1, character = #line(number) }
	params.context = { diagnostics = {} }
	for _, action in ipairs(ask("textDocument/codeAction", params) or {}) do
		if action.title:find(title, 1, true) then
			vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
			return
		end
	end
	fail("there is no action `" .. title .. "` in line " .. number)
end

-- Findings of a file are those of its unit: nginx.conf includes this one.
open("nginx/conf.d/20-shop.conf")
wait(function()
	return found("nginx/alias-traversal", 57)
end, "the alias that can be left is told in its line")
local alias = found("nginx/alias-traversal", 57)
check(alias.severity == vim.diagnostic.severity.ERROR, "it is an error")
check(alias.source == "hardlint", "hardlint tells it")
check(#(alias.user_data.lsp.relatedInformation or {}) > 0, "the line of the alias is related")
check(alias.user_data.lsp.codeDescription.href:find("alias-traversal", 1, true), "the rule can be read")
check(found("nginx/autoindex-on", 64), "so is the listed folder")
check(not found("nginx/alias-traversal", 51), "the near miss is none")

-- Mended by hand.
vim.api.nvim_buf_set_lines(0, 56, 57, true, { "    location /downloads/ {" })
wait(function()
	return not found("nginx/alias-traversal")
end, "the finding goes when the location ends with a slash")
check(found("nginx/autoindex-on", 64), "the other one stays")

-- Hovered.
local about = hover(64, 8)
check(about:find("In effect in location `/press/`: `on`, set here", 1, true), "hover tells the value and who set it")
check(about:find("Default: `off`", 1, true), "and the default")
check(hover(64, 19):find("nginx/autoindex-on", 1, true), "on the finding, hover tells the rule")
check(hover(7, 6):find("client_max_body_size", 1, true), "a key without a finding is told as well")

-- Mended by a quick fix, which keeps the two blanks.
apply(64, "autoindex off")
check(line(64) == "        autoindex  off;", "the quick fix changes the value and nothing else")
wait(function()
	return not found("nginx/autoindex-on")
end, "the finding goes with it")

-- Saved.
local before = vim.fn.readfile("nginx/conf.d/20-shop.conf")
before[57], before[64] = "    location /downloads/ {", "        autoindex  off;"
vim.cmd("silent write")
check(vim.deep_equal(vim.fn.readfile("nginx/conf.d/20-shop.conf"), before), "the saved file differs in these two lines and nothing else")

-- Allowed.
local count = vim.api.nvim_buf_line_count(0)
wait(function()
	return found("nginx/add-header-inheritance-lost", 40)
end, "the lost headers are told")
apply(40, "allow nginx/add-header-inheritance-lost")
check(line(40):match("^        # hardlint: allow%[nginx/add%-header%-inheritance%-lost%] "), "a comment allows it")
check(vim.api.nvim_buf_line_count(0) == count + 1, "in a line of its own")
wait(function()
	return not found("nginx/add-header-inheritance-lost", 41)
end, "the finding goes with it, too")

-- Secrets are never shown.
open("compose.yaml")
wait(function()
	return #vim.diagnostic.get(0) > 0
end, "the Compose project has findings")
for _, one in ipairs(vim.diagnostic.get(0)) do
	say(("    %d: %s %s"):format(one.lnum + 1, one.code, one.message))
end

vim.lsp.stop_client(client_id)
wait(function()
	return exited ~= nil
end, "the server ends when it is told to")
check(exited == 0, "with status 0")
say(("%d passed, 0 failed"):format(passed))
vim.cmd("qall!")
