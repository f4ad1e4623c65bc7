//! A TOML document as a tree in which every key and value knows its place in the file.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::quote;

/// The most values in a document: a matrix of 316 × 316, whose text is about the largest file that is read.
const MOST_VALUES: usize = 100_000;

/// The largest text in which all syntax errors are looked for, in bytes: there may be as many as bytes.
const LARGEST_RECOVERED: usize = 1 << 16;

/// A place in the file: a range of bytes.
pub type Span = Range<usize>;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A TOML value whose parts are nodes.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string, boolean, number or date.
    Scalar(toml::Value),
    /// An array.
    Array(Vec<Node>),
    /// A table, in the order of the file.
    Table(Vec<Entry>),
}

/// A key of a table, and what it holds.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// What it holds.
    pub node: Node,
}

/// A syntax error of TOML.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Node {
    /// Parses a whole document.
    ///
    /// # Errors
    /// The first syntax error, because those after it are often its consequences, or else every number that does not fit.
    pub fn parse(text: &str) -> Result<Self, Vec<SyntaxError>> {
        let root = DeTable::parse(text).map_err(|error| vec![syntax_error(text, &earliest(text, error))])?;
        let span = root.span();
        let mut converter = Converter::default();
        let value = converter.table(root.into_inner());
        if converter.problems.is_empty() { Ok(Node { span, value }) } else { Err(converter.problems) }
    }

    /// The node at a dotted path of keys and indices, such as `process.sgd.horizon` or `claim.0.says`; where the path
    /// ends too early, the deepest node on the way.
    #[must_use]
    pub fn locate(&self, path: &str) -> &Node {
        let mut node = self;
        for segment in path.split('.') {
            let next = match &node.value {
                Value::Table(entries) => entries.iter().find(|entry| entry.key == segment).map(|entry| &entry.node),
                Value::Array(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
                Value::Scalar(_) => None,
            };
            match next {
                Some(found) => node = found,
                None => return node,
            }
        }
        node
    }

    /// The entry of a key, if this is a table that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Puts `node` at a dotted path, making the tables on the way; values that stand in the way are replaced. The path
    /// itself stands at `path_span`.
    pub fn set(&mut self, path: &str, path_span: &Span, node: &Node) {
        let (head, rest) = match path.split_once('.') {
            Some((head, rest)) => (head, Some(rest)),
            None => (path, None),
        };
        if !matches!(self.value, Value::Table(_)) {
            self.value = Value::Table(Vec::new());
            self.span = path_span.clone();
        }
        let Value::Table(entries) = &mut self.value else { return };
        let position = entries.iter().position(|entry| entry.key == head).unwrap_or_else(|| {
            let empty = Node { span: path_span.clone(), value: Value::Table(Vec::new()) };
            entries.push(Entry { key: head.to_owned(), key_span: path_span.clone(), node: empty });
            entries.len() - 1
        });
        match rest {
            Some(rest) => entries[position].node.set(rest, path_span, node),
            None => entries[position].node = node.clone(),
        }
    }

    /// The same tree without places, for deserialisation.
    #[must_use]
    pub fn to_toml(&self) -> toml::Value {
        match &self.value {
            Value::Scalar(scalar) => scalar.clone(),
            Value::Array(items) => toml::Value::Array(items.iter().map(Node::to_toml).collect()),
            Value::Table(entries) => {
                toml::Value::Table(entries.iter().map(|entry| (entry.key.clone(), entry.node.to_toml())).collect())
            }
        }
    }

    /// What this is, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Scalar(toml::Value::String(text)) => format!("the string \"{}\"", quote(text)),
            Value::Scalar(toml::Value::Integer(number)) => format!("the integer {number}"),
            Value::Scalar(toml::Value::Float(number)) => format!("the number {number:?}"),
            Value::Scalar(toml::Value::Boolean(truth)) => truth.to_string(),
            Value::Scalar(date) => format!("the date {date}"),
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }

    /// The first character of this node, for what is missing in it.
    #[must_use]
    pub fn beginning(&self) -> Span {
        self.span.start..self.span.start.saturating_add(1).min(self.span.end)
    }
}

impl Entry {
    /// If this is a table where a dotted key should stand, because the quotes are missing: what is wrong, and how to
    /// mend it.
    #[must_use]
    pub fn unquoted(&self) -> Option<(String, String)> {
        let mut path = self.key.clone();
        let mut entry = self;
        while let Value::Table(entries) = &entry.node.value {
            entry = entries.first()?;
            path = format!("{path}.{}", entry.key);
        }
        let is_table = matches!(self.node.value, Value::Table(_)) && !self.key.contains('.');
        is_table.then(|| ("a dotted key stands without quotes".to_owned(), format!("write \"{}\" = …", quote(&path))))
    }
}

/// The error that stands first in the text; the parser's own first one may come from a later pass.
fn earliest(text: &str, error: toml::de::Error) -> toml::de::Error {
    if text.len() > LARGEST_RECOVERED {
        return error;
    }
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let (_, errors) = DeTable::parse_recoverable(text);
    errors.into_iter().min_by_key(start).unwrap_or(error)
}

/// The parser's error in the words of this crate where its own presuppose the grammar of TOML.
fn syntax_error(text: &str, error: &toml::de::Error) -> SyntaxError {
    let span = error.span().unwrap_or(0..0);
    let found = quote(text.get(span.clone()).unwrap_or_default().trim());
    let said = error.message();
    let no_value = ["string values must be quoted", "invalid float", "invalid boolean", "invalid integer"];
    let (message, help) = if no_value.iter().any(|start| said.starts_with(start)) {
        if found.is_empty() {
            ("a value is missing".to_owned(), None)
        } else {
            let message = format!("`{found}` is not a value");
            (
                message,
                Some(
                    "a value is a \"string\", a number, true, false, an [array] or a { table }; a comma parts two"
                        .to_owned(),
                ),
            )
        }
    } else if said.starts_with("invalid basic string, expected `\"`") {
        ("this string is not closed: expected `\"`".to_owned(), None)
    } else if said.starts_with("duplicate key") {
        (format!("`{found}` stands in this table already"), Some("remove or rename one of the two".to_owned()))
    } else if said.contains("recur") {
        ("keys or brackets are nested more than 80 deep".to_owned(), None)
    } else if said.starts_with("missing comma") || said.starts_with("missing key for inline table") {
        let help = "either a comma is missing before this, or the bracket that should end before this";
        (said.to_owned(), Some(help.to_owned()))
    } else if said.starts_with("missing escaped value") {
        let help = "write a backslash as \\\\, or the string in 'single quotes', where a backslash is itself";
        ("this is no escape sequence".to_owned(), Some(help.to_owned()))
    } else {
        (said.to_owned(), None)
    };
    SyntaxError { span, message, help }
}

/// Turns the parser's tree into nodes.
#[derive(Default)]
struct Converter {
    n_values: usize,
    problems: Vec<SyntaxError>,
}

impl Converter {
    fn table(&mut self, table: DeTable<'_>) -> Value {
        let entries = table.into_iter().map(|(key, value)| {
            let key_span = key.span();
            let span = value.span();
            let value = self.value(value.into_inner(), &span);
            Entry { key: key.into_inner().into_owned(), key_span, node: Node { span, value } }
        });
        Value::Table(entries.collect())
    }

    fn value(&mut self, value: DeValue<'_>, span: &Span) -> Value {
        self.n_values += 1;
        if self.n_values == MOST_VALUES + 1 {
            self.fail(span, format!("there are more than {MOST_VALUES} values before this"), None);
        }
        let scalar = match value {
            DeValue::Table(inner) => return self.table(inner),
            DeValue::Array(items) => {
                let items = items.into_iter().map(|item| {
                    let span = item.span();
                    Node { value: self.value(item.into_inner(), &span), span }
                });
                return Value::Array(items.collect());
            }
            DeValue::String(text) => toml::Value::String(text.into_owned()),
            DeValue::Boolean(truth) => toml::Value::Boolean(truth),
            DeValue::Datetime(date) => toml::Value::Datetime(date),
            DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
                Ok(number) => toml::Value::Integer(number),
                Err(_) => {
                    let help = Some(format!("integers reach up to {}", i64::MAX));
                    self.fail(span, "this integer is too large".to_owned(), help);
                    toml::Value::Integer(0)
                }
            },
            DeValue::Float(digits) => match digits.as_str().parse() {
                Ok(number) => toml::Value::Float(number),
                Err(_) => {
                    self.fail(span, "this is not a number".to_owned(), None);
                    toml::Value::Float(0.0)
                }
            },
        };
        Value::Scalar(scalar)
    }

    fn fail(&mut self, span: &Span, message: String, help: Option<String>) {
        self.problems.push(SyntaxError { span: span.clone(), message, help });
    }
}
