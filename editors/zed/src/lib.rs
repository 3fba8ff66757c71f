//! Starts the language server in Zed. It looks for the program where Zed finds programs, and nowhere else: nothing is downloaded.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{register_extension, Command, Extension, LanguageServerId, Result, Worktree};

struct Hardlint;

impl Extension for Hardlint {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree(server.as_ref(), worktree)?.binary;
        let (path, args) = binary.map(|it| (it.path, it.arguments)).unwrap_or_default();
        let command = path
            .or_else(|| worktree.which("hardlint-lsp"))
            .ok_or("hardlint-lsp is not on the PATH; `lsp.hardlint.binary.path` can name it")?;
        Ok(Command { command, args: args.unwrap_or_default(), env: worktree.shell_env() })
    }

    fn language_server_initialization_options(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<zed_extension_api::serde_json::Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<zed_extension_api::serde_json::Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.settings)
    }
}

register_extension!(Hardlint);
