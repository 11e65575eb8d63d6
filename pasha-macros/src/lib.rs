//! The macros of pasha: the attribute `#[kernel]` and the derive `Functor`.

mod crate_path;
mod errors;
mod functor;
mod generics;
mod kernel;
mod lifetimes;
mod options;
mod types;

use proc_macro::TokenStream;

/// Kernel.
#[proc_macro_attribute]
pub fn kernel(options: TokenStream, item: TokenStream) -> TokenStream {
    kernel::expand(options.into(), item.into()).into()
}

/// Functor.
#[proc_macro_derive(Functor, attributes(functor))]
pub fn functor(input: TokenStream) -> TokenStream {
    functor::expand(input.into()).into()
}
#[cfg(test)]
mod t {
    #[test]
    fn t() {
        let src = std::fs::read_to_string(std::env::var("KSRC").unwrap()).unwrap();
        let f = syn::parse_file(&src).unwrap();
        for i in f.items {
            let syn::Item::Fn(mut g) = i else { continue };
            let i0 = g.attrs.iter().position(|a| a.path().segments.last().unwrap().ident == "kernel").unwrap();
            let a = g.attrs.remove(i0);
            let toks = match a.meta { syn::Meta::List(l) => l.tokens, _ => Default::default() };
            let out = crate::kernel::expand(toks, quote::quote!(#g));
            match syn::parse2(out.clone()) { Ok(f) => println!("{}", prettyplease::unparse(&f)), Err(e) => println!("NOT PARSED {e}: {out}") }
        }
    }
}
