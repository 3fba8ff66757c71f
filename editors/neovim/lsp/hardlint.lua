-- The language server of hardlint, for Neovim 0.11 and later: put this file into `lsp/` of a folder in 'runtimepath' (such as
-- ~/.config/nvim/lsp/), its `ftdetect/` beside it, and say `vim.lsp.enable("hardlint")`. What is no file of a known format gets no findings.
return {
	cmd = { "hardlint-lsp" },
	filetypes = {
		"cfg",
		"conf",
		"config",
		"dockerfile",
		"dosini",
		"env",
		"nginx",
		"python",
		"redis",
		"sh",
		"sshdconfig",
		"yaml",
		"yaml.docker-compose",
	},
	root_markers = { "hardlint.toml", ".git" },
}
