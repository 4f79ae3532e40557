import { mount } from 'dogear/page'
import './compare.css'
import './shop.css'
import { CompareView } from './compare.tsx'
import { ShopView } from './shop.tsx'

mount([
  {
    path: 'compare',
    words: 'Side by side',
    icon: 'M3 4h6v12H3zM11 4h6v12h-6z',
    role: 'operator',
    after: 'start',
    invite: 'watch two side by side',
    View: CompareView,
  },
  {
    path: 'shop',
    words: 'Shop',
    icon: 'M3 8h14l-1 9H4zM7 8V6a3 3 0 0 1 6 0v2',
    role: 'viewer',
    after: 'alerts',
    View: ShopView,
  },
])
