//! The form that both data files share: a head with an index, then named blocks of lines.

/// A named run of lines.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) name: &'static str,
    /// The block's lines, without the line that names it.
    pub(crate) text: &'static str,
}

/// The API version in the first line, or "" if there is none.
pub(crate) fn version(data: &'static str) -> &'static str {
    data.lines()
        .next()
        .and_then(|line| line.strip_prefix("# API version "))
        .unwrap_or_default()
}

/// Every block of the file, sorted bytewise by name as the index is. An index line that does not fit the body is left out.
pub(crate) fn split(data: &'static str) -> Vec<Block> {
    let Some((head, body)) = data.split_once("\n\n") else {
        return Vec::new();
    };
    let mut entries = head
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (name, start) = line.split_once(' ')?;
            Some((name, start.parse::<usize>().ok()?))
        });
    let mut blocks = Vec::new();
    let mut current = entries.next();
    while let Some((name, start)) = current {
        current = entries.next();
        let end = current.map_or(body.len(), |(_, next)| next);
        if let Some((_, text)) = body
            .get(start..end)
            .and_then(|whole| whole.split_once('\n'))
        {
            blocks.push(Block { name, text });
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::{split, version};

    #[test]
    fn blocks_come_from_the_index() {
        let data = "# API version 1.a\n# note\na 0\nb 8\n\n[a]\nx y\n[b]\nz\n";
        assert_eq!(version(data), "1.a");
        let blocks: Vec<_> = split(data)
            .into_iter()
            .map(|block| (block.name, block.text))
            .collect();
        assert_eq!(blocks, [("a", "x y\n"), ("b", "z\n")]);
    }

    #[test]
    fn a_broken_index_answers_nothing() {
        assert!(split("no head").is_empty());
        assert!(split("# API version 1.a\na 900\n\n[a]\n").is_empty());
        assert_eq!(version("x"), "");
    }

    #[test]
    fn every_block_of_the_data_starts_with_its_name() {
        for data in [crate::catalogue::DATA, crate::fields::DATA] {
            let (head, body) = data.split_once("\n\n").unwrap();
            let blocks = split(data);
            assert_eq!(
                blocks.len(),
                head.lines().filter(|line| !line.starts_with('#')).count()
            );
            assert!(blocks.is_sorted_by(|a, b| a.name < b.name));
            for block in blocks {
                let start = body.find(&format!("[{}]\n", block.name)).unwrap();
                assert!(
                    body[start..].starts_with(&format!("[{}]\n{}", block.name, block.text)),
                    "{}",
                    block.name
                );
            }
        }
    }
}
