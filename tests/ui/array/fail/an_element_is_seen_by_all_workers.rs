use std::marker::PhantomData;

fn is_element<T: pasha::Element>() {}

fn main() {
    is_element::<PhantomData<*mut u8>>();
    is_element::<PhantomData<std::cell::Cell<u8>>>();
    is_element::<*const u8>();
    is_element::<std::sync::atomic::AtomicU64>();
}
