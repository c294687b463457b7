// Creates the replica set of one member and the user of the application. Runs at every start; what exists is kept,
// except that the password of the user is set to the value of the environment.
const env = process.env;
const server = `mongodb://${encodeURIComponent(env.MONGODB_ROOT_USER)}:${encodeURIComponent(env.MONGODB_ROOT_PASSWORD)}`
  + `@mongodb:27017/admin?directConnection=true`;
const admin = retry("the server does not respond", () => connect(server).getSiblingDB("admin"));

const NOT_YET_INITIALIZED = 94;
try {
  admin.adminCommand({ replSetGetStatus: 1 }).ok;
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  admin.adminCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] } });
}

retry("the replica set has no primary", () => admin.hello().isWritablePrimary);

const user = {
  pwd: env.MONGODB_APP_PASSWORD,
  roles: [{ role: "readWrite", db: env.MONGODB_DATABASE }, { role: "dbAdmin", db: env.MONGODB_DATABASE }],
};
if (admin.getUser("homecare") === null) {
  admin.createUser({ user: "homecare", ...user });
} else {
  admin.updateUser("homecare", user);
}
function retry(problem, attempt) {
  for (let tries = 0; tries < 60; tries += 1) {
    try {
      const result = attempt();
      if (result) return result;
    } catch (error) {
      print(`${problem} yet: ${error.message}`);
    }
    sleep(1000);
  }
  throw new Error(`${problem} after 60 s`);
}

print("the replica set has a primary and the application has its user");
