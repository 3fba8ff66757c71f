-- Files that Neovim gives no type, so that no server would be told of them. Put this file into `ftdetect/` beside `lsp/`.
vim.filetype.add({
	filename = { ["redis.conf"] = "conf", ["sentinel.conf"] = "conf" },
	pattern = {
		[".*/sites%-available/.*"] = "nginx",
		[".*/sites%-enabled/.*"] = "nginx",
		[".*/%.env%..*"] = "sh",
		[".*/[^/]+%.env"] = "sh",
	},
})
