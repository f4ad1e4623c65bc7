//! School arithmetic, written a second time: a power binds first, then products from the left, then sums from the left.

/// A value, and the largest number that was met on the way to it, by which its rounding is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value {
    pub(crate) value: f64,
    pub(crate) scale: f64,
}

/// The value of a text over `names`; `None` if it is no expression.
pub(crate) fn value(text: &str, names: &[(&str, f64)]) -> Option<Value> {
    let mut reader = Reader { rest: text, names, scale: 0.0 };
    let value = reader.sum()?;
    reader.skip();
    reader.rest.is_empty().then_some(Value { value, scale: reader.scale })
}

struct Reader<'a> {
    rest: &'a str,
    names: &'a [(&'a str, f64)],
    scale: f64,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Notes a value that was met, and the error that a function multiplies it by.
    fn met(&mut self, value: f64) -> f64 {
        self.scale = self.scale.max(value.abs());
        value
    }

    fn sum(&mut self) -> Option<f64> {
        let mut sum = self.product()?;
        loop {
            if self.take('+') {
                sum += self.product()?;
            } else if self.take('-') {
                sum -= self.product()?;
            } else {
                return Some(sum);
            }
            self.met(sum);
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut product = self.signed()?;
        loop {
            if self.take('*') {
                product *= self.signed()?;
            } else if self.take('/') {
                product /= self.signed()?;
            } else {
                return Some(product);
            }
            self.met(product);
        }
    }

    fn signed(&mut self) -> Option<f64> {
        if self.take('-') {
            return Some(-self.signed()?);
        }
        if self.take('+') { self.signed() } else { self.power() }
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.operand()?;
        if !self.take('^') {
            return Some(base);
        }
        let exponent = self.signed()?;
        // A power is as sensitive to its arguments as its logarithm is large.
        let power = libm::pow(base, exponent);
        self.met(power * (1.0 + (exponent * libm::log(base.abs())).abs()) * (1.0 + self.scale));
        Some(power)
    }

    fn operand(&mut self) -> Option<f64> {
        if self.take('(') {
            let value = self.sum()?;
            return self.take(')').then_some(value);
        }
        // The parser lets a name stand in braces.
        if self.take('{') {
            let (name, rest) = self.rest.split_once('}')?;
            self.rest = rest;
            let value = self.names.iter().find(|(known, _)| *known == name)?.1;
            return Some(self.met(value));
        }
        let length = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let word = &self.rest[..length];
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.number();
        }
        self.rest = &self.rest[length..];
        let function = match word {
            "sqrt" => f64::sqrt,
            "exp" => libm::exp,
            "ln" => libm::log,
            name => {
                let value = self.names.iter().find(|(known, _)| *known == name)?.1;
                return Some(self.met(value));
            }
        };
        let argument = self.signed_operand()?;
        let value = function(argument);
        let slope = (function(argument * (1.0 + 1e-6)) - value).abs() * 1e6;
        self.met(value.abs() + slope * (1.0 + self.scale / argument.abs()));
        Some(value)
    }

    /// What a function is applied to: a sign may stand before it.
    fn signed_operand(&mut self) -> Option<f64> {
        if self.take('-') {
            return Some(-self.signed_operand()?);
        }
        if self.take('+') { self.signed_operand() } else { self.operand() }
    }

    fn number(&mut self) -> Option<f64> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = digits(self.rest);
        if self.rest[length..].starts_with('.') {
            length += 1 + digits(&self.rest[length + 1..]);
        }
        if let Some(exponent) = self.rest[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let figures = digits(&exponent[sign..]);
            length += if figures > 0 { 1 + sign + figures } else { 0 };
        }
        let value = self.rest[..length].parse().ok()?;
        self.rest = &self.rest[length..];
        Some(self.met(value))
    }
}
