//! A TOML document as a tree in which every key and value knows its place in the file.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::quote;

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
}

impl Node {
    /// Parses a whole document.
    ///
    /// # Errors
    /// Every syntax error that the parser can recover from, in order.
    pub fn parse(text: &str) -> Result<Self, Vec<SyntaxError>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let describe = |error: toml::de::Error| SyntaxError {
                span: error.span().unwrap_or(0..0),
                message: error.message().to_owned(),
            };
            return Err(errors.into_iter().map(describe).collect());
        }
        let span = root.span();
        let mut problems = Vec::new();
        let value = table(root.into_inner(), &mut problems);
        if problems.is_empty() { Ok(Node { span, value }) } else { Err(problems) }
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

fn table(table: DeTable<'_>, problems: &mut Vec<SyntaxError>) -> Value {
    let entries = table.into_iter().map(|(key, value)| {
        let key_span = key.span();
        let span = value.span();
        Entry {
            key: key.into_inner().into_owned(),
            key_span,
            node: Node { value: convert(value.into_inner(), &span, problems), span },
        }
    });
    Value::Table(entries.collect())
}

fn convert(value: DeValue<'_>, span: &Span, problems: &mut Vec<SyntaxError>) -> Value {
    let scalar = match value {
        DeValue::Table(inner) => return table(inner, problems),
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| {
                let span = item.span();
                Node { value: convert(item.into_inner(), &span, problems), span }
            });
            return Value::Array(items.collect());
        }
        DeValue::String(text) => toml::Value::String(text.into_owned()),
        DeValue::Boolean(truth) => toml::Value::Boolean(truth),
        DeValue::Datetime(date) => toml::Value::Datetime(date),
        DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(number) => toml::Value::Integer(number),
            Err(_) => {
                problems
                    .push(SyntaxError { span: span.clone(), message: "integer out of the range of 64 bits".into() });
                toml::Value::Integer(0)
            }
        },
        DeValue::Float(digits) => match digits.as_str().parse() {
            Ok(number) => toml::Value::Float(number),
            Err(_) => {
                problems.push(SyntaxError { span: span.clone(), message: "not a number".into() });
                toml::Value::Float(0.0)
            }
        },
    };
    Value::Scalar(scalar)
}
