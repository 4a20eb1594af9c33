// Who may not list all namespaces most likely wants the token's own.
import { useEffect } from "../common/html.js";
import { useStore } from "../common/store.js";
import { replaceAddress } from "../router.js";
import { session } from "../session/session.js";

// error: what listing was answered with; address(filter): that of the list with another filter.
export function useOwnNamespace(error, filter, address) {
  const known = useStore(session);
  useEffect(() => {
    if (error?.status === 403 && !filter.namespace && known?.namespace) {
      replaceAddress(address({ ...filter, namespace: known.namespace }));
    }
  }, [error]);
}
