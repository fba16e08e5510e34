use super::*;

fn kinds(text: &str) -> Vec<Kind> {
    tokens(text).unwrap().into_iter().map(|t| t.kind).filter(|k| *k != Kind::End).collect()
}

fn texts(text: &str) -> Vec<&str> {
    let tokens = tokens(text).unwrap().into_iter();
    let texts = tokens.map(|t| text.get(t.span.start as usize..t.span.end as usize).unwrap());
    texts.filter(|t| !t.is_empty()).collect()
}

#[test]
fn numbers_members_and_names() {
    assert_eq!(
        texts("1 1.5 + .5 1e3 0xFF 0b101 1_000 1e-5 0x1p3 1."),
        ["1", "1.5", "+", ".5", "1e3", "0xFF", "0b101", "1_000", "1e-5", "0x1p3", "1."]
    );
    assert_eq!(texts("t.1.2"), ["t", ".", "1", ".", "2"]);
    assert_eq!(texts("(1).2"), ["(", "1", ")", ".", "2"]);
    assert_eq!(texts("t .1 .2"), ["t", ".", "1", ".", "2"]);
    assert_eq!(kinds("1abc $abc a$$b"), [Kind::Word; 3]);
    assert_eq!(kinds("a.b"), [Kind::Word, Kind::Dot, Kind::Word]);
    assert_eq!(tokens("1.5abc").unwrap_err().message, "expected a number, found `1.5abc`");
}

#[test]
fn operators() {
    let text = "+ - * / % = == <> != < <= > >= <=> || :: -> ? : . , ( ) [ ] { } ;";
    assert_eq!(texts(text), text.split(' ').collect::<Vec<_>>());
    assert_eq!(kinds("a−b"), [Kind::Word, Kind::Minus, Kind::Word]);
}

#[test]
fn comments_vanish() {
    let text = "a -- x\n b /* c /* d */ e */ f # g\n h #! i\n j // k\n l";
    assert_eq!(texts(text), ["a", "b", "f", "h", "j", "l"]);
    let error = tokens("a /* /* */").unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.span.unwrap().start),
        ("expected `*/` at the end of the comment", 2)
    );
}

#[test]
fn quotes() {
    let cases = [
        ("'it''s'", "it's"),
        (r"'a\tb\n\\\'\x41\0\d'", "a\tb\n\\'A\0\\d"),
        (r"'50\% \_'", r"50\% \_"),
        ("`a``b`", "a`b"),
        ("\"a\"\"b\"", "a\"b"),
        ("$tag$ it's $x$ $tag$", " it's $x$ "),
        ("$$raw$$", "raw"),
        ("x'4142'", "AB"),
        ("b'01000001'", "A"),
        ("'é'", "é"),
    ];
    for (text, expected) in cases {
        let token = tokens(text).unwrap()[0];
        assert_eq!(token.span.end as usize, text.len(), "{text}");
        assert_eq!(unquote(token.kind, text).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(unquote(Kind::Text, r"'\xff'"), None);
}

#[test]
fn refusals() {
    let cases = [
        ("'abc", "expected `'` at the end of the quoted text"),
        ("'abc\\'", "expected `'` at the end of the quoted text"),
        ("`abc", "expected ``` at the end of the quoted text"),
        ("$t$ abc", "expected `$t$` at the end of the quoted text"),
        ("a & b", "expected a token, found `&`"),
        ("é", "expected a token, found `é`"),
        ("x'4g'", "expected hexadecimal digits and a closing quote"),
    ];
    for (text, expected) in cases {
        assert_eq!(tokens(text).unwrap_err().message, expected, "{text}");
    }
}
