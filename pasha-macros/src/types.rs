//! Questions about a type's tokens: what is visible without knowing what its names mean.

use proc_macro2::{Span, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{GenericArgument, Lifetime, PathArguments, PathSegment, Type, TypeImplTrait, TypeReference, TypeTraitObject};

/// `ty` without parentheses and the invisible groups that `macro_rules` puts around fragments.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}

/// `T` of `&T`, `&&T`, or of `T`.
pub(crate) fn behind_references(ty: &Type) -> &Type {
    match peel(ty) {
        Type::Reference(TypeReference { mutability: None, elem, .. }) => behind_references(elem),
        ty => ty,
    }
}

/// The last segment of a plain path: `Option<T>` of `core::option::Option<T>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// The name of a type written as one word without arguments: `f64`, `T`.
pub(crate) fn single_word(ty: &Type) -> Option<String> {
    match peel(ty) {
        Type::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

/// The type arguments of a path segment.
pub(crate) fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    arguments(segment)
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}

/// The first lifetime among the arguments of a path segment.
pub(crate) fn lifetime_argument(segment: &PathSegment) -> Option<&Lifetime> {
    arguments(segment).find_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    })
}

/// Whether `ty` is one of the types of the language that have a name: `f64`, `bool`, `str`.
pub(crate) fn is_primitive(ty: &Type) -> bool {
    is_number(ty) || single_word(ty).is_some_and(|name| ["bool", "char", "str"].contains(&&*name))
}

pub(crate) fn is_number(ty: &Type) -> bool {
    single_word(ty).is_some_and(|name| NUMBERS.contains(&&*name))
}

/// Whether `ty` is a function pointer, a primitive type, or slices and arrays of those.
pub(crate) fn is_plain(ty: &Type) -> bool {
    match peel(ty) {
        Type::Slice(slice) => is_plain(&slice.elem),
        Type::Array(array) => is_plain(&array.elem),
        Type::BareFn(_) => true,
        ty => is_primitive(ty),
    }
}

/// Whether `ty` has a lifetime: written, elided, or that of a trait object.
pub(crate) fn may_borrow(ty: &Type) -> bool {
    struct Finder(bool);
    impl Visit<'_> for Finder {
        fn visit_lifetime(&mut self, _: &Lifetime) {
            self.0 = true;
        }

        fn visit_type_reference(&mut self, _: &TypeReference) {
            self.0 = true;
        }

        fn visit_type_trait_object(&mut self, _: &TypeTraitObject) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    finder.0
}

/// The end of a type. What follows the type and is placed there is underlined with all of it, if
/// it has the hygiene of the user's tokens; so this is not for names of ours.
pub(crate) fn end_of(ty: &Type) -> Span {
    match ty.to_token_stream().into_iter().last() {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(token) => token.span(),
        None => Span::call_site(),
    }
}

/// Whether nothing in `ty` is an `impl Trait`.
pub(crate) fn is_nameable(ty: &Type) -> bool {
    struct Finder(bool);
    impl Visit<'_> for Finder {
        fn visit_type_impl_trait(&mut self, _: &TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    !finder.0
}

/// Whether `ty` is neither a slice nor a trait object.
pub(crate) fn is_sized(ty: &Type) -> bool {
    !matches!(peel(ty), Type::Slice(_) | Type::TraitObject(_))
}

const NUMBERS: [&str; 14] =
    ["f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(list) => Some(list.args.iter()),
        _ => None,
    }
    .into_iter()
    .flatten()
}
