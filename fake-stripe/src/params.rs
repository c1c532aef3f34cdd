//! The parameters of queries and forms: percent decoding and Stripe's bracket notation.

/// The parameters of a query in their order. Indexed arrays (`types[0]`) are read as `types[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(k, v)| (plain_array(&decode(k)), decode(v)))
                .collect(),
        )
    }

    /// These and others after them.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// In an order of the names. The values of an array keep theirs, which has a meaning.
    pub(crate) fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.0.sort_by(|a, b| a.0.cmp(&b.0));
        sorted
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// All values of an array parameter: `expand[]`.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// The part of a parameter's name before its first bracket.
pub(crate) fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// Decodes `%xx` and `+`; broken escapes stay as they are.
pub(crate) fn decode(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let escaped = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn plain_array(key: &str) -> String {
    match key.strip_suffix(']').and_then(|key| key.rsplit_once('[')) {
        Some((head, index))
            if !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            format!("{head}[]")
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_escapes_and_arrays() {
        let params = Params::parse(
            "created%5Bgte%5D=5&types[0]=a.*&types[1]=b&email=jo%2Be%40x.com&expand[]=data.customer&flag",
        );
        assert_eq!(params.get("created[gte]"), Some("5"));
        assert_eq!(params.all("types[]").collect::<Vec<_>>(), ["a.*", "b"]);
        assert_eq!(params.get("email"), Some("jo+e@x.com"));
        assert_eq!(params.get("expand[]"), Some("data.customer"));
        assert_eq!(params.get("flag"), Some(""));
        assert_eq!(base("created[gte]"), "created");
        assert_eq!(decode("%zz%4"), "%zz%4");
    }
}
