-- The language server of hardlint, for Neovim 0.11 and later: put this file into `lsp/` of a folder in 'runtimepath' (such as
-- ~/.config/nvim/lsp/) and say `vim.lsp.enable("hardlint")`. What is no file of a known format gets no findings.
return {
	cmd = { "hardlint-lsp" },
	filetypes = {
		"conf",
		"config",
		"dockerfile",
		"dosini",
		"nginx",
		"python",
		"sshdconfig",
		"yaml",
		"yaml.docker-compose",
	},
	root_markers = { "hardlint.toml", ".git" },
}
