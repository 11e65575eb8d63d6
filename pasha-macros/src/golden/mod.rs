//! Expansions as they are expected, word for word.
//!
//! `PASHA_BLESS=1 cargo test -p pasha-macros` writes what there is now into `expected/`.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Item, Meta};

macro_rules! goldens {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name));
        }
    )*};
}

goldens! {
    kernel_out
    kernel_options_of_out
    kernel_views
    kernel_per_worker
    kernel_reduce
    kernel_scratch
    kernel_param
    kernel_items
    kernel_without_fields
    kernel_generic
    kernel_shared_lifetime
    kernel_attributes
    kernel_mistaken
    functor_struct
    functor_tuple
    functor_newtype
    functor_generic
    functor_enum
    functor_mistaken
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/golden");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let found = expand_all(&read(&folder.join(format!("input/{name}.rs"))));
    let path = folder.join(format!("expected/{name}.expected.rs"));
    if std::env::var_os("PASHA_BLESS").is_some() {
        std::fs::write(&path, &found).expect("the folder is writable");
    }
    let expected = read(&path);
    let differs = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
    let line = differs.unwrap_or_else(|| found.lines().count().min(expected.lines().count()));
    assert!(
        found == expected,
        "the expansion differs from {} in line {}; if it is right now, set PASHA_BLESS=1\n\n{found}",
        path.display(),
        line + 1,
    );
}

fn expand_all(input: &str) -> String {
    let file = syn::parse_file(input).expect("the input is Rust");
    let expansions = file.items.into_iter().map(expand);
    let expansions: TokenStream = expansions.collect();
    let expanded = syn::parse2(expansions).expect("the expansion is Rust");
    prettyplease::unparse(&expanded)
}

fn expand(item: Item) -> TokenStream {
    match item {
        Item::Fn(mut function) => {
            let kernel = function.attrs.remove(0);
            crate::kernel::expand(options(&kernel), function.into_token_stream())
        }
        derived => crate::functor::expand(derived.into_token_stream()),
    }
}

fn options(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}
