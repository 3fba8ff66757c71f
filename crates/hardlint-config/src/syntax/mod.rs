//! Lexing that several formats share. A lexer that one format alone needs lives in that format's folder.

pub mod ciphers;
pub mod ini;
pub mod joined;
pub mod python;
pub mod shell;
pub mod template;
pub mod yaml;
