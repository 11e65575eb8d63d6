//! What the type of an output parameter says about its array: the element and the rank.

use syn::{Lifetime, Type, TypeReference};

use crate::{lifetimes, types};

/// The type of an output parameter.
pub(crate) struct Slot<'a> {
    /// Whether it is wrapped in `Option`, so that a caller may leave the output out.
    pub(crate) optional: bool,
    /// The type inside the `Option`.
    pub(crate) ty: &'a Type,
    pub(crate) form: Form<'a>,
}

pub(crate) enum Form<'a> {
    /// `&mut T`
    Element(&'a Type),
    /// `&mut [T]`
    Row(&'a Type),
    /// `ArrayViewMut<'_, T, D>`, `ArrayViewMut1<'_, T>` …
    View { elem: &'a Type, rank: Rank<'a> },
    /// A name that only the compiler can look up.
    Alias,
    /// A type that cannot be an output, whatever its names mean.
    Mistake(Mistake<'a>),
}

/// The number of dimensions of a view.
pub(crate) enum Rank<'a> {
    Fixed(usize),
    Dynamic,
    /// A type parameter, or a name of the user's.
    Type(&'a Type),
}

pub(crate) enum Mistake<'a> {
    /// `&T`
    Shared(&'a TypeReference),
    /// `ArrayView1<'_, T>`
    SharedView { written: String },
    /// `&mut ArrayViewMut1<'_, T>`
    ViewBehindReference { view: &'a Type },
    /// `ArrayViewMut1<T>`
    NoLifetime { written: String },
    /// `&'static mut T`
    Static(Lifetime),
    /// `&mut &str`
    BorrowedElement { elem: &'a Type },
    /// `f64`
    ByValue,
}

impl<'a> Slot<'a> {
    /// `type_parameters` are the names that stand for any type, so not for a view.
    pub(crate) fn read(ty: &'a Type, type_parameters: &[String]) -> Self {
        let inner = option_of(ty);
        let ty = types::peel(inner.unwrap_or(ty));
        let mut slot = Slot { optional: inner.is_some(), ty, form: read_form(ty, type_parameters) };
        if let Some(elem) = slot.elem().filter(|elem| borrows(elem)) {
            slot.form = Form::Mistake(Mistake::BorrowedElement { elem });
        }
        slot
    }

    /// The rank of the slot itself, where it is visible.
    pub(crate) fn rank(&self) -> Option<usize> {
        match &self.form {
            Form::Element(_) => Some(0),
            Form::Row(_) => Some(1),
            Form::View { rank: Rank::Fixed(rank), .. } => Some(*rank),
            _ => None,
        }
    }

    /// The element type, where it is visible.
    pub(crate) fn elem(&self) -> Option<&'a Type> {
        match self.form {
            Form::Element(elem) | Form::Row(elem) | Form::View { elem, .. } => Some(elem),
            Form::Alias | Form::Mistake(_) => None,
        }
    }

    /// The tokens to blame when the compiler rejects the slot.
    pub(crate) fn blame(&self) -> &'a Type {
        self.elem().unwrap_or(self.ty)
    }

    pub(crate) fn is_mistaken(&self) -> bool {
        matches!(self.form, Form::Mistake(_))
    }
}

/// `T` of `Option<T>`.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    let segment = types::last_segment(ty)?;
    if segment.ident != "Option" {
        return None;
    }
    types::type_arguments(segment).first().copied()
}

fn read_form<'a>(ty: &'a Type, type_parameters: &[String]) -> Form<'a> {
    if let Some(lifetime) = own_lifetime(ty).filter(|lifetime| lifetime.ident == "static") {
        return Form::Mistake(Mistake::Static(lifetime.clone()));
    }
    match ty {
        Type::Reference(reference) => read_reference(reference),
        Type::Path(_) => read_path(ty, type_parameters),
        Type::Macro(_) | Type::Verbatim(_) | Type::Infer(_) => Form::Alias,
        _ => Form::Mistake(Mistake::ByValue),
    }
}

/// The lifetime of the loan: of `&'a mut T` or `View<'a, T>`.
pub(crate) fn own_lifetime(ty: &Type) -> Option<&Lifetime> {
    match types::peel(ty) {
        Type::Reference(reference) => reference.lifetime.as_ref(),
        ty => types::lifetime_argument(types::last_segment(ty)?),
    }
}

/// Whether `elem` borrows, whatever its names mean.
fn borrows(elem: &Type) -> bool {
    matches!(types::peel(elem), Type::Reference(_)) || lifetimes::elides(elem)
}

fn read_reference(reference: &TypeReference) -> Form<'_> {
    if reference.mutability.is_none() {
        return Form::Mistake(Mistake::Shared(reference));
    }
    let view = types::peel(&reference.elem);
    if types::last_segment(view).is_some_and(|s| view_rank(&s.ident.to_string()).is_some()) {
        return Form::Mistake(Mistake::ViewBehindReference { view });
    }
    match types::peel(&reference.elem) {
        Type::Slice(slice) => Form::Row(&slice.elem),
        elem => Form::Element(elem),
    }
}

fn read_path<'a>(ty: &'a Type, type_parameters: &[String]) -> Form<'a> {
    let Some(segment) = types::last_segment(ty) else {
        return Form::Alias;
    };
    let name = segment.ident.to_string();
    let by_value = types::is_primitive(ty)
        || types::single_word(ty).is_some_and(|word| type_parameters.contains(&word))
        || ["Vec", "Box", "String", "Option"].contains(&name.as_str());
    if by_value {
        return Form::Mistake(Mistake::ByValue);
    }
    let Some(view) = view_rank(&name) else {
        return Form::Alias;
    };
    if !view.mutable {
        return Form::Mistake(Mistake::SharedView { written: name });
    }
    if types::lifetime_argument(segment).is_none() {
        return Form::Mistake(Mistake::NoLifetime { written: name });
    }
    match (types::type_arguments(segment).as_slice(), view.rank) {
        ([elem], Some(rank)) => Form::View { elem, rank },
        ([elem, dimension], None) => Form::View { elem, rank: read_dimension(dimension) },
        _ => Form::Alias,
    }
}

fn read_dimension(ty: &Type) -> Rank<'_> {
    match types::single_word(ty).as_deref() {
        Some("IxDyn") => Rank::Dynamic,
        Some(name) => match fixed_rank(name, "Ix") {
            Some(rank) => Rank::Fixed(rank),
            None => Rank::Type(ty),
        },
        None => Rank::Type(ty),
    }
}

/// What the name of a view of ndarray says.
struct ViewName {
    mutable: bool,
    /// `None`: the dimension is a type argument.
    rank: Option<Rank<'static>>,
}

fn view_rank(name: &str) -> Option<ViewName> {
    let rest = name.strip_prefix("ArrayView")?;
    let (mutable, rest) = match rest.strip_prefix("Mut") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rank = match rest {
        "" => None,
        "D" => Some(Rank::Dynamic),
        digits => Some(Rank::Fixed(fixed_rank(digits, "")?)),
    };
    Some(ViewName { mutable, rank })
}

/// The rank in a name such as `Ix2`. One more dimension must have a type of its own, so 6 is none.
fn fixed_rank(name: &str, prefix: &str) -> Option<usize> {
    let rank = name.strip_prefix(prefix)?.parse().ok()?;
    (rank <= 5).then_some(rank)
}

/// Whether what `ty` refers to can be changed, whatever its names mean.
pub(crate) fn is_written_to(ty: &Type) -> bool {
    let ty = types::peel(option_of(ty).unwrap_or(ty));
    match ty {
        Type::Reference(reference) => reference.mutability.is_some(),
        ty => types::last_segment(ty)
            .and_then(|segment| view_rank(&segment.ident.to_string()))
            .is_some_and(|view| view.mutable),
    }
}

/// The name of a view of ndarray that is written without its lifetime.
pub(crate) fn view_without_lifetime(ty: &Type) -> Option<String> {
    let segment = types::last_segment(ty)?;
    let name = segment.ident.to_string();
    view_rank(&name)?;
    (types::lifetime_argument(segment).is_none()).then_some(name)
}

/// Whether `ty` is a reference or a view, of as many axes as it says, that a call has for no longer than it lasts.
pub(crate) fn is_lent(ty: &Type) -> bool {
    let is_elided = |lifetime: &Lifetime| lifetime.ident == "_";
    if let Type::Reference(reference) = types::peel(ty) {
        return reference.mutability.is_none() && reference.lifetime.as_ref().is_none_or(is_elided);
    }
    types::last_segment(ty).is_some_and(|segment| {
        let name = segment.ident.to_string();
        let is_view = name.strip_prefix("ArrayView").is_some_and(|rank| rank.bytes().all(|byte| byte.is_ascii_digit()));
        is_view && types::lifetime_argument(segment).is_some_and(is_elided)
    })
}
