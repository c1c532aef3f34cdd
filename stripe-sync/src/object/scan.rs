//! Reads JSON token by token, and skips what nobody wants.
//!
//! `serde_json` spends two thirds of a mapping on the members that the model does not name. This scanner accepts and
//! refuses the same texts, looks at strings eight bytes at a time, and leaves keys as they stand.

mod key;

use std::borrow::Cow;

use serde::de::{Error, IgnoredAny};

pub(super) use key::{Key, mark};

/// The result of one step, with `serde_json`'s error: the callers know no other.
pub(super) type Scan<T> = Result<T, serde_json::Error>;

/// How deep arrays and objects may nest in a value that is skipped: one bit of the stack each. `serde_json`'s own limit
/// is the same.
const DEEPEST: u32 = 128;

/// A place in a JSON text.
///
/// The small steps are inlined by force: as calls they cost a third more.
pub(super) struct Scanner<'o> {
    json: &'o str,
    rest: &'o [u8],
}

impl<'o> Scanner<'o> {
    pub(super) fn new(json: &'o str) -> Self {
        Self {
            json,
            rest: json.as_bytes(),
        }
    }

    /// The first byte of the next token, after white space.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Option<u8> {
        match self.rest {
            [first, ..] if *first > b' ' => Some(*first),
            _ => self.peek_after_spaces(),
        }
    }

    #[inline(always)]
    fn peek_after_spaces(&mut self) -> Option<u8> {
        // The space after a colon, which is half of all white space.
        if let [b' ', next, ..] = self.rest
            && *next > b' '
        {
            self.pass();
            return Some(*next);
        }
        // Indentation, at once: a loop's end is guessed wrong at each change of depth.
        if let [b'\n', rest @ ..] = self.rest
            && let Some(chunk) = rest.first_chunk::<8>()
        {
            let others = u64::from_le_bytes(*chunk) ^ repeated(b' ');
            self.rest = &rest[(others.trailing_zeros() / 8) as usize..];
        }
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Passes the byte that `peek` showed.
    #[inline]
    pub(super) fn pass(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// Passes a token of one byte.
    #[inline(always)]
    pub(super) fn token(&mut self, token: u8) -> Scan<()> {
        if self.peek() == Some(token) {
            self.pass();
            Ok(())
        } else {
            Err(self.refused())
        }
    }

    /// After the value of a member or an element: whether another one follows.
    #[inline(always)]
    pub(super) fn another(&mut self, end: u8) -> Scan<bool> {
        match self.peek() {
            Some(b',') => {
                self.pass();
                Ok(true)
            }
            Some(token) if token == end => {
                self.pass();
                Ok(false)
            }
            _ => Err(self.refused()),
        }
    }

    /// After the opening bracket: whether there is a first member or element.
    #[inline]
    pub(super) fn any(&mut self, end: u8) -> bool {
        let empty = self.peek() == Some(end);
        if empty {
            self.pass();
        }
        !empty
    }

    /// The key of a member, and its colon. The bytes stand between the quotes as they were sent; `escaped` says that
    /// they hold escapes.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Scan<Key<'o>> {
        self.token(b'"')?;
        let start = self.rest;
        let mut key = Key {
            bytes: self.plain_text(),
            escaped: false,
        };
        if let [b'"', rest @ ..] = self.rest {
            self.rest = rest;
        } else {
            self.pass_string()?;
            key.bytes = &start[..start.len() - self.rest.len() - 1];
            key.escaped = true;
        }
        self.token(b':')?;
        Ok(key)
    }

    /// A string.
    pub(super) fn string(&mut self) -> Scan<Cow<'o, str>> {
        let start = self.place();
        self.token(b'"')?;
        self.plain_text();
        if let [b'"', rest @ ..] = self.rest {
            let text = self.since(start + 1);
            self.rest = rest;
            return Ok(Cow::Borrowed(text));
        }
        self.pass_string()?;
        serde_json::from_str(self.since(start)).map(Cow::Owned)
    }

    /// The text of the next value, whatever it is.
    pub(super) fn raw(&mut self) -> Scan<&'o str> {
        self.peek();
        let start = self.place();
        self.skip()?;
        Ok(self.since(start))
    }

    /// The rest of a word whose first byte `peek` showed.
    #[inline(always)]
    pub(super) fn word(&mut self, word: &'static str) -> Scan<()> {
        match self.rest.strip_prefix(word.as_bytes()) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.refused()),
        }
    }

    /// A number: its text, and whether it is an integer.
    pub(super) fn number(&mut self) -> Scan<(&'o str, bool)> {
        let start = self.place();
        if let [b'-', rest @ ..] = self.rest {
            self.rest = rest;
        }
        match self.rest {
            [b'0', rest @ ..] => self.rest = rest,
            _ => self.digits()?,
        }
        let mut integer = true;
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
            integer = false;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            if let [b'+' | b'-', rest @ ..] = self.rest {
                self.rest = rest;
            }
            self.digits()?;
            integer = false;
        }
        // `01`
        if matches!(self.rest, [b'0'..=b'9', ..]) {
            return Err(self.refused());
        }
        Ok((self.since(start), integer))
    }

    /// At least one digit.
    fn digits(&mut self) -> Scan<()> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        match digits.count() {
            0 => Err(self.refused()),
            count => {
                self.rest = &self.rest[count..];
                Ok(())
            }
        }
    }

    /// Passes one value.
    #[inline(always)]
    pub(super) fn skip(&mut self) -> Scan<()> {
        // Most values are texts and nulls, and need no call.
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'n') => self.word("null"),
            _ => self.skip_any(),
        }
    }

    fn skip_any(&mut self) -> Scan<()> {
        // The brackets that are open, the innermost in the lowest bit: 1 is an object.
        let (mut open, mut depth) = (0_u128, 0);
        loop {
            let opened = match self.peek() {
                Some(b'"') => {
                    self.skip_string()?;
                    None
                }
                Some(b'{') => {
                    self.pass();
                    self.any(b'}').then_some(true)
                }
                Some(b'[') => {
                    self.pass();
                    self.any(b']').then_some(false)
                }
                Some(b'n') => self.word("null").map(|()| None)?,
                Some(b't') => self.word("true").map(|()| None)?,
                Some(b'f') => self.word("false").map(|()| None)?,
                Some(b'-' | b'0'..=b'9') => self.number().map(|_| None)?,
                _ => return Err(self.refused()),
            };
            if let Some(object) = opened {
                depth += 1;
                if depth > DEEPEST {
                    return Err(serde_json::Error::custom("nested more than 128 deep"));
                }
                open = open << 1 | u128::from(object);
            } else {
                loop {
                    if depth == 0 {
                        return Ok(());
                    }
                    let end = if open & 1 == 1 { b'}' } else { b']' };
                    if self.another(end)? {
                        break;
                    }
                    open >>= 1;
                    depth -= 1;
                }
            }
            if open & 1 == 1 {
                self.peek();
                self.skip_string()?;
                self.token(b':')?;
            }
        }
    }

    /// Passes a string whose opening quote comes next.
    #[inline(always)]
    fn skip_string(&mut self) -> Scan<()> {
        match self.rest {
            [b'"', rest @ ..] => self.rest = rest,
            _ => return Err(self.refused()),
        }
        self.plain_text();
        match self.rest {
            [b'"', rest @ ..] => {
                self.rest = rest;
                Ok(())
            }
            _ => self.pass_string(),
        }
    }

    /// Passes the rest of a string that holds escapes, and its closing quote.
    #[cold]
    fn pass_string(&mut self) -> Scan<()> {
        loop {
            self.plain_text();
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(());
                }
                [b'\\', b'u', a, b, c, d, rest @ ..]
                    if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
                {
                    self.rest = rest;
                }
                [
                    b'\\',
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                    rest @ ..,
                ] => self.rest = rest,
                _ => return Err(self.refused()),
            }
        }
    }

    /// Text up to a quote, a backslash or a control character.
    #[inline(always)]
    fn plain_text(&mut self) -> &'o [u8] {
        let bytes = self.rest;
        let mut plain = 0;
        while let Some(chunk) = bytes[plain..].first_chunk::<8>() {
            let special = specials(u64::from_le_bytes(*chunk));
            if special != 0 {
                plain += (special.trailing_zeros() / 8) as usize;
                let (text, rest) = bytes.split_at(plain);
                self.rest = rest;
                return text;
            }
            plain += 8;
        }
        plain += bytes[plain..]
            .iter()
            .take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
            .count();
        let (text, rest) = bytes.split_at(plain);
        self.rest = rest;
        text
    }

    /// Where the next token begins in a text that this one is a part of.
    pub(super) fn rest_starts_at(&mut self, whole: &str) -> usize {
        self.peek();
        self.rest.as_ptr().addr() - whole.as_ptr().addr()
    }

    fn place(&self) -> usize {
        self.json.len() - self.rest.len()
    }

    /// The text from `start` to here. Both stand beside a token of ASCII, so they are between two characters.
    fn since(&self, start: usize) -> &'o str {
        self.json.get(start..self.place()).unwrap_or_default()
    }

    /// Nothing but white space may be left.
    pub(super) fn end(&mut self) -> Scan<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.refused()),
        }
    }

    /// The error of the text at hand, in `serde_json`'s words with line and column.
    #[cold]
    pub(super) fn refused(&self) -> serde_json::Error {
        match serde_json::from_str::<IgnoredAny>(self.json) {
            Err(error) => error,
            Ok(_) => serde_json::Error::custom("not JSON of the form that was expected"),
        }
    }
}

/// One byte eight times.
const fn repeated(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Marks quotes, backslashes and control characters of eight bytes in their highest bits. The lowest mark is exact; those
/// above it may be wrong.
#[inline]
const fn specials(bytes: u64) -> u64 {
    // One bit swaps the quote with the first character that is no control character.
    let low = (bytes ^ repeated(b'"' ^ b' ')).wrapping_sub(repeated(b' ' + 1));
    let backslashes = (bytes ^ repeated(b'\\')).wrapping_sub(repeated(1));
    (low | backslashes) & !bytes & repeated(0x80)
}

#[cfg(test)]
mod tests;
