import { mount } from 'svelte'
import '@fontsource-variable/inter/index.css'
import './styles/tokens.css'
import './styles/tones.css'
import './styles/base.css'
import './styles/parts.css'
import App from './App.svelte'

const target = document.getElementById('app')
if (target) mount(App, { target })
