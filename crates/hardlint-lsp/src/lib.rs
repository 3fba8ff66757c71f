//! EDIT.
