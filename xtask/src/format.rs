//! In which form a command prints.

/// For people, for programs, or for a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns.
    #[default]
    Table,
    /// One JSON value.
    Json,
    /// Tables of Markdown.
    Markdown,
}
