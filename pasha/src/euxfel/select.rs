//! Names: patterns of them, and which are like one that is not there.

/// Whether a pattern of `*`, `?`, `[abc]`, `[0-9]` and `[!abc]` matches all of a name. Case counts.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last star was, and how much of the name it takes so far.
    let mut star: Option<(usize, usize)> = None;
    loop {
        if at < pattern.len() && pattern[at] == '*' {
            star = Some((at, place));
            at += 1;
            continue;
        }
        if place == name.len() && at == pattern.len() {
            return true;
        }
        if place < name.len() && at < pattern.len() {
            let (fits, len) = one(&pattern[at..], name[place]);
            if fits {
                at += len;
                place += 1;
                continue;
            }
        }
        let Some((before, taken)) = star else { return false };
        if taken == name.len() {
            return false;
        }
        star = Some((before, taken + 1));
        (at, place) = (before + 1, taken + 1);
    }
}

/// Whether the pattern's first element matches a character, and how long the element is.
fn one(pattern: &[char], letter: char) -> (bool, usize) {
    match pattern[0] {
        '?' => (true, 1),
        '[' => {
            let not = pattern.get(1) == Some(&'!');
            let begin = if not { 2 } else { 1 };
            // A bracket that comes first is one of the letters.
            let Some(end) = (begin + 1..pattern.len()).find(|&at| pattern[at] == ']') else {
                return (letter == '[', 1);
            };
            let mut letters = &pattern[begin..end];
            let mut within = false;
            while let [first, rest @ ..] = letters {
                if let ['-', last, rest @ ..] = rest {
                    within |= (*first..=*last).contains(&letter);
                    letters = rest;
                } else {
                    within |= *first == letter;
                    letters = rest;
                }
            }
            (within != not, end + 1)
        }
        other => (other == letter, 1),
    }
}

/// Whether a pattern can match more than itself.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// `; did you mean …?` with up to three names like this one, or nothing.
pub(super) fn suggestion<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let wanted = name.to_lowercase();
    let mut like: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|other| {
            let lower = other.to_lowercase();
            let within = wanted.len() > 2 && (lower.contains(&wanted) || wanted.contains(&lower));
            let far = if within { 1 } else { distance(&wanted, &lower) };
            (far <= 1 + wanted.chars().count() / 5).then_some((far, other))
        })
        .collect();
    like.sort_unstable();
    like.truncate(3);
    match &*like {
        [] => String::new(),
        [(_, one)] => format!("; did you mean `{one}`?"),
        [first @ .., (_, last)] => {
            let first: Vec<String> = first.iter().map(|(_, name)| format!("`{name}`")).collect();
            format!("; did you mean {} or `{last}`?", first.join(", "))
        }
    }
}

/// How many letters must be put in, taken away or changed.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (place, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name) in [
            ("*", ""),
            ("*/DET/*", "SPB/DET/0CH0:xtdf"),
            ("a?c", "abc"),
            ("*[0-9]CH0:*", "DET/15CH0:xtdf"),
            ("[!x]*y", "aby"),
            ("[]]", "]"),
            ("[a", "[a"),
            ("a*b*c", "aXbXbXc"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("", "a"), ("a", "A"), ("a?", "a"), ("*/DET/*", "DET/1"), ("[!x]", "x"), ("a*b", "aXbX")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        assert!(!matches(&"*a".repeat(40), &"a".repeat(39)));
    }

    #[test]
    fn names_alike_are_found() {
        let names = ["image.data", "image.gain", "header.trainId"];
        assert_eq!(suggestion("image.dat", names), "; did you mean `image.data`?");
        assert_eq!(suggestion("IMAGE.gian", names), "; did you mean `image.gain`?");
        assert_eq!(suggestion("somewhat", names), "");
    }
}
