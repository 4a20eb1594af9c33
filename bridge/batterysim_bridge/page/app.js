// The page: its frame, and the view that the address asks for.
import { Announcer, announce } from "./common/announcer.js";
import { Banner } from "./live/banner.js";
import { CompareView } from "./compare/view.js";
import { DetailView } from "./detail/view.js";
import { ErrorBoundary } from "./common/error_boundary.js";
import { FormView } from "./form/view.js";
import { html, render, useEffect, useRef } from "./common/html.js";
import { ListView } from "./list/view.js";
import { formAddress, listAddress, route, sweepsAddress } from "./router.js";
import { useMayCreate } from "./session/may_create.js";
import { session, signOut } from "./session/session.js";
import { SignIn } from "./session/sign_in.js";
import { useStore } from "./common/store.js";
import { SweepListView } from "./sweeps/list_view.js";
import { SweepView } from "./sweeps/view.js";

const TITLES = {
  list: "Simulations", sweeps: "Sweeps", new: "New simulation", compare: "Compare", "sign-in": "Sign in", unknown: "Not found",
};
const NAMED = ["detail", "sweep"];

function App() {
  const here = useStore(route);
  const known = useStore(session);
  const main = useRef(null);
  const mayCreate = useMayCreate(known, here);
  const title = NAMED.includes(here.view) ? here.name : TITLES[here.view];
  useEffect(() => {
    document.title = `${title} – Battery simulations`;
  }, [title]);
  useFocusOnArrival(main, here, title);
  return html`
    <a class="skip" href="#main" onClick=${(event) => skipTo(event, main)}>Skip to the content</a>
    <${Header} view=${here.view} known=${known} mayCreate=${mayCreate} />
    <${Banner} />
    <main id="main" tabindex="-1" ref=${main} class=${`view view-${here.view}`}>
      <${ErrorBoundary} key=${`${placeOf(here)} ${known?.token ?? ""}`}><${View} here=${here} known=${known} mayCreate=${mayCreate} /><//>
    </main>
    <${Announcer} />
  `;
}

function placeOf({ view, namespace = "", name = "" }) {
  return `${view} ${namespace} ${name}`;
}

function skipTo(event, main) {
  event.preventDefault(); // the part after # is the page's address
  main.current.focus();
}

// As a page that has just been loaded: begin at its top, and say which one it is.
function useFocusOnArrival(main, here, title) {
  const place = placeOf(here);
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current.focus();
    announce(title);
  }, [place]);
}

function Header({ view, known, mayCreate }) {
  const current = (name) => (view === name ? "page" : undefined);
  return html`<header class="shell">
    <a class="brand" href=${listAddress()}><img src="page/icon.svg" alt="" width="24" height="24" />Battery simulations</a>
    <nav aria-label="Main">
      <a href=${listAddress()} aria-current=${current("list")}>Simulations</a>
      <a href=${sweepsAddress()} aria-current=${current("sweeps")}>Sweeps</a>
      ${mayCreate && html`<a href=${formAddress()} aria-current=${current("new")}>New</a>`}
    </nav>
    <div class="account">
      ${known
        ? html`<span class="user" title=${known.namespace ? `of namespace ${known.namespace}` : undefined}>${known.user}</span>
            <button type="button" onClick=${signOut}>Sign out</button>`
        : html`<a class="button" href="#/sign-in">Sign in</a>`}
    </div>
  </header>`;
}

function View({ here, known, mayCreate }) {
  const run = { namespace: here.namespace, name: here.name };
  switch (here.view) {
    case "list":
      return html`<${ListView} parameters=${here.parameters} mayCreate=${mayCreate} />`;
    case "detail":
      return html`<${DetailView} run=${run} />`;
    case "sweeps":
      return html`<${SweepListView} parameters=${here.parameters} />`;
    case "sweep":
      return html`<${SweepView} run=${run} />`;
    case "compare":
      return html`<${CompareView} parameters=${here.parameters} />`;
    case "new":
      return known ? html`<${FormView} parameters=${here.parameters} />` : html`<${SignIn} isPage />`;
    case "sign-in":
      return known ? html`<${ListView} parameters=${here.parameters} mayCreate=${mayCreate} />` : html`<${SignIn} isPage />`;
    default:
      return html`<h1>There is nothing here</h1><p><a href=${listAddress()}>All simulations</a></p>`;
  }
}

const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
