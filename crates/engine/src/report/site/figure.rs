//! Figures put into the page: only what figures are made of, and no id twice.
//!
//! An SVG in a page is a part of the page: a script in it would run, and its ids are the page's. A figure is therefore
//! read and written anew; what is no shape, text or clip path is refused, whoever made the file. The one style that all
//! figures share is left out: the page has its own for dark readers.

use maud::{Escaper, PreEscaped};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::fmt::Write as _;

use crate::report::figure::STYLE;

/// SVG that can stand in the page as it is.
pub(super) type Inlined = PreEscaped<String>;

/// The elements of a figure.
const ELEMENTS: [&str; 14] = [
    "circle", "clipPath", "defs", "ellipse", "g", "line", "path", "polygon", "polyline", "rect", "svg", "text",
    "title", "tspan",
];

/// Their attributes, without those of the outermost element.
const ATTRIBUTES: [&str; 36] = [
    "clip-path",
    "cx",
    "cy",
    "d",
    "dominant-baseline",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "id",
    "opacity",
    "points",
    "r",
    "rx",
    "ry",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
    "transform",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// The figure as SVG of a page, its ids behind `prefix`, as wide as the page lets it.
///
/// # Errors
/// Why it is no figure of ours.
pub(super) fn inline(content: &[u8], prefix: &str) -> Result<Inlined, String> {
    let text = std::str::from_utf8(content).map_err(|_| "it is no text".to_owned())?.replacen(STYLE, "", 1);
    let mut reader = Reader::from_str(&text);
    let mut writer = Writer { prefix, text: String::with_capacity(text.len() + 256), depth: 0, began: false };
    loop {
        match reader.read_event().map_err(|_| "it is no XML".to_owned())? {
            Event::Start(tag) => {
                writer.open(&tag, ">")?;
                writer.depth += 1;
            }
            Event::Empty(tag) => writer.open(&tag, "/>")?,
            Event::End(tag) => {
                writer.depth = writer.depth.saturating_sub(1);
                let _ = write!(writer.text, "</{}>", String::from_utf8_lossy(tag.name().as_ref()));
            }
            Event::Text(words) => writer.words(&words.decode().map_err(|_| "its text is no text".to_owned())?),
            Event::GeneralRef(reference) => writer.words(&character(&reference)?.to_string()),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof if writer.depth == 0 && writer.began => return Ok(PreEscaped(writer.text)),
            Event::Eof => return Err("it ends too early".to_owned()),
            Event::CData(_) | Event::PI(_) | Event::DocType(_) => {
                return Err("it holds what no figure of ours has".to_owned());
            }
        }
    }
}

struct Writer<'a> {
    prefix: &'a str,
    text: String,
    depth: usize,
    began: bool,
}

impl Writer<'_> {
    /// Writes the beginning of an element, up to `end`.
    fn open(&mut self, tag: &BytesStart<'_>, end: &str) -> Result<(), String> {
        let name = tag.name();
        let name = String::from_utf8_lossy(name.as_ref());
        let is_outermost = self.depth == 0;
        if !ELEMENTS.contains(&name.as_ref()) || is_outermost != (name == "svg") || (is_outermost && self.began) {
            return Err(format!("it holds <{name}>, which no figure of ours has there"));
        }
        self.began = true;
        self.text += &format!("<{name}");
        let (mut size, mut has_view) = ([None, None], false);
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| "its attributes are no XML".to_owned())?;
            let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = attribute.unescape_value().map_err(|_| "its attributes are no XML".to_owned())?;
            match key.as_str() {
                "xmlns" => continue,
                "width" | "height" if is_outermost => {
                    size[usize::from(key == "height")] = value.parse::<f64>().ok();
                    continue;
                }
                _ if !ATTRIBUTES.contains(&key.as_str()) => {
                    return Err(format!("it holds the attribute {key}, which no figure of ours has"));
                }
                _ => has_view |= key == "viewBox",
            }
            self.attribute(&key, &self.renamed(&key, &value)?);
        }
        if let ([Some(width), Some(height)], false, true) = (size, has_view, is_outermost) {
            self.attribute("viewBox", &format!("0 0 {width} {height}"));
        }
        self.text += end;
        Ok(())
    }

    /// The value of an attribute, with the ids that it gives or names.
    fn renamed(&self, key: &str, value: &str) -> Result<String, String> {
        let named = value.strip_prefix("url(#").and_then(|rest| rest.strip_suffix(')'));
        match named {
            _ if key == "id" => Ok(format!("{}-{value}", self.prefix)),
            Some(named) => Ok(format!("url(#{}-{named})", self.prefix)),
            None if value.to_ascii_lowercase().contains("url") => Err("it names something outside itself".to_owned()),
            None => Ok(value.to_owned()),
        }
    }

    fn attribute(&mut self, key: &str, value: &str) {
        self.text += &format!(" {key}=\"");
        self.words(value);
        self.text.push('"');
    }

    fn words(&mut self, words: &str) {
        // Writing into a string does not fail.
        let _ = Escaper::new(&mut self.text).write_str(words);
    }
}

/// The character of `&lt;` or `&#60;`.
fn character(reference: &BytesRef<'_>) -> Result<char, String> {
    let unknown = || "it holds an entity that XML does not know".to_owned();
    if let Some(character) = reference.resolve_char_ref().map_err(|_| unknown())? {
        return Ok(character);
    }
    match &**reference {
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"amp" => Ok('&'),
        b"quot" => Ok('"'),
        b"apos" => Ok('\''),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::{STYLE, inline};

    fn check(svg: &str, expected: Result<&str, &str>) {
        let inlined = inline(svg.as_bytes(), "f").map(|svg| svg.0);
        assert_eq!(inlined.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn ids_get_their_prefix_and_the_size_becomes_a_view() {
        check(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"5\"><!-- made --><defs><clipPath id=\"c-0\">\
             <rect x=\"1\"/></clipPath></defs><g clip-path=\"url(#c-0)\"><text y=\"2\">½ &lt; η</text></g></svg>",
            Ok("<svg viewBox=\"0 0 9 5\"><defs><clipPath id=\"f-c-0\"><rect x=\"1\"/></clipPath></defs>\
                <g clip-path=\"url(#f-c-0)\"><text y=\"2\">½ &lt; η</text></g></svg>"),
        );
    }

    #[test]
    fn the_style_of_figures_is_left_out_and_no_other_is_let_in() {
        check(&format!("<svg>{STYLE}<g/></svg>"), Ok("<svg><g/></svg>"));
        check("<svg><style>svg{fill:red}</style></svg>", Err("it holds <style>, which no figure of ours has there"));
        check(&format!("<svg>{STYLE}{STYLE}</svg>"), Err("it holds <style>, which no figure of ours has there"));
    }

    #[test]
    fn what_could_run_or_load_is_refused() {
        let refused = |inner: &str| inline(format!("<svg>{inner}</svg>").as_bytes(), "f").expect_err(inner);
        assert!(refused("<script>alert(1)</script>").contains("<script>"));
        assert!(refused("<g onclick=\"alert(1)\"/>").contains("onclick"));
        assert!(refused("<foreignObject/>").contains("<foreignObject>"));
        assert!(refused("<a href=\"javascript:alert(1)\"/>").contains("<a>"));
        assert!(refused("<g style=\"background: url(x)\"/>").contains("style"));
        assert!(refused("<rect fill=\"URL( http://x )\"/>").contains("outside"));
        assert!(refused("<svg/>").contains("<svg>"));
        assert!(refused("<![CDATA[<script>]]>").contains("no figure"));
        assert!(refused("<text>&evil;</text>").contains("entity"));
        check("<svg/><svg/>", Err("it holds <svg>, which no figure of ours has there"));
        check("<svg><g></svg>", Err("it is no XML"));
        check("<svg>", Err("it ends too early"));
        check("", Err("it ends too early"));
        check("<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>", Err("it holds what no figure of ours has"));
    }

    #[test]
    fn text_stays_text() {
        check(
            "<svg><text>&lt;script&gt; &#34;a&#34; &amp;amp;</text></svg>",
            Ok("<svg><text>&lt;script&gt; &quot;a&quot; &amp;amp;</text></svg>"),
        );
        check("<svg><text id=\"&quot;&gt;&lt;b\"/></svg>", Ok("<svg><text id=\"f-&quot;&gt;&lt;b\"/></svg>"));
    }
}
