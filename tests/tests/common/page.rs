//! The site as its readers' programs see it: tags, ids, links and text.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// A page taken apart.
pub(crate) struct Page {
    pub(crate) tags: Vec<Tag>,
    /// The text between the tags, with a line for each piece.
    pub(crate) text: String,
}

pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The text up to the next tag.
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn parse(html: &str) -> Self {
        let html = without(&without(html, "<style>", "</style>"), "<script>", "</script>");
        let mut reader = Reader::from_str(&html);
        // Elements such as meta and input have no end in HTML.
        reader.config_mut().check_end_names = false;
        let mut page = Page { tags: Vec::new(), text: String::new() };
        loop {
            let piece = match reader.read_event().expect("well-formed") {
                Event::Start(tag) | Event::Empty(tag) => {
                    let attributes = tag.html_attributes().map(|attribute| {
                        let attribute = attribute.expect("well-formed");
                        let value = attribute.unescape_value().expect("known entities").into_owned();
                        (String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value)
                    });
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    page.tags.push(Tag { name, attributes: attributes.collect(), text: String::new() });
                    page.text.push('\n');
                    continue;
                }
                Event::Text(text) => text.decode().expect("text").into_owned(),
                Event::GeneralRef(reference) => {
                    let reference = format!("&{};", reference.decode().expect("text"));
                    unescape(&reference).expect("a known entity").into_owned()
                }
                Event::Eof => return page,
                _ => continue,
            };
            page.text += &piece;
            if let Some(tag) = page.tags.last_mut() {
                tag.text += &piece;
            }
        }
    }

    /// The values of an attribute, wherever it stands.
    pub(crate) fn values(&self, attribute: &str) -> Vec<&str> {
        self.tags.iter().filter_map(|tag| tag.attributes.get(attribute)).map(String::as_str).collect()
    }

    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }

    /// A line for each part, heading, badge and figure, in their order.
    pub(crate) fn structure(&self) -> String {
        let mut lines = String::new();
        for tag in &self.tags {
            let attribute = |name: &str| tag.attributes.get(name).map_or("", String::as_str);
            let class = attribute("class");
            let line = match tag.name.as_str() {
                "section" => format!("section {}", attribute("id")),
                "h2" | "h3" | "h4" | "summary" => format!("  {} {}", tag.name, tag.text),
                "figure" => format!("  figure {} {class}", attribute("id")),
                "li" if !attribute("id").is_empty() => format!("  claim {}", attribute("id")),
                "table" | "form" => format!("  {} {}", tag.name, attribute("id")),
                "span" if class.starts_with("badge") => format!("    {class}"),
                _ => continue,
            };
            lines += line.trim_end();
            lines.push('\n');
        }
        lines
    }
}

/// A text without all passages from `begin` to `end`.
fn without(text: &str, begin: &str, end: &str) -> String {
    let mut parts = text.split(begin);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(end).expect("an end").1)
}
