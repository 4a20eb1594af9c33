// The commands that give a user a right.

// grantCommands("system:serviceaccount:lab:ada", "lab") are those for a viewer and for an editor.
export function grantCommands(username, namespace) {
  return ["viewer", "editor"].map((role) => {
    const scope = namespace ? `-n ${namespace} create rolebinding` : "create clusterrolebinding";
    return `kubectl ${scope} ${bindingName(username, role)} --clusterrole batterysim-${role} ${subject(username)}`;
  });
}

function bindingName(username, role) {
  const last = username.split(/[:/]/).at(-1).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${last || "user"}-batterysim-${role}`;
}

function subject(username) {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  return account ? `--serviceaccount ${account[1]}:${account[2]}` : `--user ${quoted(username)}`;
}

// For a shell.
function quoted(text) {
  return /^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
